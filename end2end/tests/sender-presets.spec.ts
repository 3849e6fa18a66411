// A sender preset: made by a super admin, offered to one workspace, sent with there, and not seen in another.
import path from "node:path";

import type { Page } from "@playwright/test";

import { submitted } from "../support/campaign";
import { OTHER, ROOT, expect, installation } from "../support/installation";
import { looked } from "../support/look";
import { type Server, command } from "../support/server";
import { hydrated } from "../support/test";

const SAM = { name: "Sam Super", email: "sam@root.example" };

const test = installation().extend<object, { server: Server }>({
  // Once for each server, whichever of the tests it serves.
  server: [
    async ({ server }, use) => {
      await server.restart(() => {
        const password = ["--password-file", path.join(server.dataDir, "password")];
        command(server, "user", "create", "--email", SAM.email, "--name", SAM.name, "--super-admin", ...password);
      });
      await use(server);
    },
    { scope: "worker", timeout: 60_000 },
  ],
});

async function approve(page: Page, preset: string) {
  await page.goto(`/installation/senders/${preset}`);
  await hydrated(page);
  await page.getByRole("button", { name: "Approve revision 1" }).click();
  await expect(page.getByText("In force", { exact: true })).toBeVisible();
}

test("a preset is offered to a workspace, and a campaign is sent with it", async ({ person, signedIn }) => {
  const rita = await signedIn(ROOT.email);
  await rita.goto("/installation/senders/new");
  await hydrated(rita);
  await looked(rita, "sender-preset-new");
  await rita.getByLabel("Name of the preset").fill("House");
  await rita.getByLabel("SADDR: what phones show").fill("HOUSE");
  await rita.getByLabel("Offered to").selectOption("only");
  await rita.getByRole("textbox", { name: /^Workspaces/ }).fill("demo");
  await rita.getByRole("button", { name: "Submit for approval" }).click();
  await rita.waitForURL(/\/installation\/senders\/[0-9a-f-]{36}$/);
  const preset = new URL(rita.url()).pathname.split("/").at(-1)!;
  await hydrated(rita);
  await expect(rita.getByText("another super admin has to approve it")).toBeVisible();
  await expect(rita.getByRole("button", { name: "Approve revision 1" })).toHaveCount(0);
  const other = await signedIn(SAM.email);
  await approve(other, preset);
  await looked(other, "sender-preset");
  await other.goto("/installation/senders");
  await looked(other, "sender-presets");

  const author = await person("Ada Author");
  const campaign = await submitted(author, { name: "From the house", sender: "House · HOUSE (revision 1)" });
  const moderator = await person("Max Moderator");
  await moderator.goto(campaign);
  await hydrated(moderator);
  await expect(moderator.getByText("Preset of the installation", { exact: true }).filter({ visible: true }).first()).toBeVisible();
  await moderator.getByRole("button", { name: /^Approve/ }).first().click();
  await expect(moderator.getByRole("dialog").getByText("preset of the installation")).toBeVisible();
  await moderator.getByRole("dialog").getByRole("button", { name: /^Approve version/ }).click();
  await expect(moderator.getByText("The campaign was approved.")).toBeVisible();
  await author.goto(campaign);
  await expect(author.getByText("Done", { exact: true }).first()).toBeVisible({ timeout: 30_000 });

  // Its page in the workspace says what it is, and offers nothing to change.
  await author.goto(`/w/demo/senders/${preset}`);
  await expect(author.getByText("A preset of the installation")).toBeVisible();
  await expect(author.getByRole("button", { name: "Submit for approval" })).toHaveCount(0);
});

test.describe("another workspace", () => {
  test.use({ expectedConsole: [/status of 404/] });

  test("does not see what it is not offered", async ({ signedIn }) => {
    const rita = await signedIn(ROOT.email);
    await rita.goto("/installation/senders/new");
    await hydrated(rita);
    await rita.getByLabel("Name of the preset").fill("Secret");
    await rita.getByLabel("SADDR: what phones show").fill("SECRET");
    await rita.getByLabel("Offered to").selectOption("only");
    await rita.getByRole("textbox", { name: /^Workspaces/ }).fill("demo");
    await rita.getByRole("button", { name: "Submit for approval" }).click();
    await rita.waitForURL(/\/installation\/senders\/[0-9a-f-]{36}$/);
    const preset = new URL(rita.url()).pathname.split("/").at(-1)!;
    await approve(await signedIn(SAM.email), preset);

    const olga = await signedIn(OTHER.admin.email);
    await olga.goto(`/w/${OTHER.slug}/senders`);
    await hydrated(olga);
    await expect(olga.getByText("Secret")).toHaveCount(0);
    const answer = await olga.goto(`/w/${OTHER.slug}/senders/${preset}`);
    expect(answer?.status()).toBe(404);
    await olga.goto(`/w/${OTHER.slug}/campaigns/new`);
    await hydrated(olga);
    await olga.getByRole("radio", { name: /^On.demand/i }).check();
    await olga.getByRole("button", { name: "Continue" }).click();
    await olga.waitForURL(/edit\/2$/);
    await expect(olga.locator("option", { hasText: "SECRET" })).toHaveCount(0);
  });
});
