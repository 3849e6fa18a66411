// The settings of a workspace: what is refused, another address, and the archive.
import type { Page } from "@playwright/test";

import { OTHER, ROOT, expect, installation } from "../support/installation";
import { go, looked } from "../support/look";

const test = installation();

async function save(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Save" }).click();
}

test.describe("the settings of a workspace", () => {
  test.use({ expectedConsole: [/status of (404|409|422)/] });

  test("are refused beside their fields, and a former address leads members on", async ({ person, signedIn }) => {
    const moved = "other-folk";
    const olga = await signedIn(OTHER.admin.email);
    await olga.getByRole("link", { name: "Settings" }).click();
    await expect(olga.getByRole("heading", { level: 1 })).toHaveText("Settings");
    await looked(olga);
    const late = await olga.context().newPage();
    await go(late, `/w/${OTHER.slug}/settings`);

    const address = olga.getByLabel("Its address");
    await address.fill("Other People!");
    await olga.getByLabel("Name of the workspace").fill("Other folk");
    await save(olga);
    await expect(address).toHaveAccessibleDescription(/only lower-case letters/);
    await expect(olga.getByLabel("Name of the workspace")).toHaveValue("Other folk");
    await looked(olga);
    await address.fill("master");
    await save(olga);
    await expect(address).toHaveAccessibleDescription(/reserved/);
    await address.fill("demo");
    await save(olga);
    await expect(address).toHaveAccessibleDescription(/This address is taken; choose another one/);
    await address.fill(moved);
    await olga.getByLabel("Currency").fill("EU");
    await save(olga);
    await expect(olga.getByLabel("Currency")).toHaveAccessibleDescription(/three letters/);
    await olga.getByLabel("Currency").fill("EUR");
    await save(olga);
    await olga.waitForURL(new RegExp(`/w/${moved}/settings$`));
    await expect(olga.getByText("The settings are saved.")).toBeVisible();
    await expect(olga.getByRole("button", { name: "Workspace: Other folk" })).toBeVisible();

    // Another page of hers was opened before.
    await late.getByLabel("Name of the workspace").fill("Too late");
    await save(late);
    await expect(late.getByText("Somebody has changed the workspace since you opened this page; look at it again.")).toBeVisible();
    await late.close();

    await go(olga, `/w/${OTHER.slug}/members/roles`);
    expect(new URL(olga.url()).pathname).toBe(`/w/${moved}/members/roles`);
    const stranger = await person("Ana Admin");
    expect((await stranger.request.get(`/w/${OTHER.slug}/members`)).status()).toBe(404);
    await go(stranger, "/w/demo/settings");
    await stranger.getByLabel("Its address").fill(OTHER.slug);
    await save(stranger);
    await expect(stranger.getByLabel("Its address")).toHaveAccessibleDescription(/This address is taken/);
    // Back again.
    await go(olga, `/w/${moved}/settings`);
    await olga.getByLabel("Its address").fill(OTHER.slug);
    await save(olga);
    await olga.waitForURL(new RegExp(`/w/${OTHER.slug}/settings$`));
  });

  test("end in the archive, from which a super admin brings it back or deletes it", async ({ signedIn }) => {
    const olga = await signedIn(OTHER.admin.email);
    const otto = await signedIn(OTHER.author.email);
    const archive = async (typed: string) => {
      await olga.getByLabel("Type the address to confirm").fill(typed);
      await olga.getByRole("button", { name: "Archive this workspace" }).click();
    };
    await go(olga, `/w/${OTHER.slug}/settings`);
    await archive("other");
    await expect(olga.getByLabel("Type the address to confirm")).toHaveAccessibleDescription(new RegExp(`Type the address of the workspace: ${OTHER.slug}`));
    await archive(OTHER.slug);
    const banner = "This workspace is archived: everything can be read, and nothing changed until a super admin restores it.";
    await expect(olga.getByText(banner)).toBeVisible({ timeout: 20_000 });
    await expect(olga.getByText("A super admin restores this workspace, or deletes it with everything in it.")).toBeVisible();
    await expect(olga.getByRole("button", { name: "Save" })).toHaveCount(0);
    await looked(olga);
    await go(olga, `/w/${OTHER.slug}/members`);
    await expect(olga.getByRole("link", { name: /^Change/ })).toHaveCount(0);
    expect((await otto.request.get(`/w/${OTHER.slug}`)).status()).toBe(404);

    const rita = await signedIn(ROOT.email);
    await go(rita, `/w/${OTHER.slug}/settings`);
    await looked(rita);
    await rita.getByRole("button", { name: "Restore this workspace" }).click();
    await expect(rita.getByRole("button", { name: "Save" })).toBeVisible();
    await expect(rita.getByText(banner)).toHaveCount(0, { timeout: 20_000 });
    expect((await otto.request.get(`/w/${OTHER.slug}`)).status()).toBe(200);

    await go(olga, `/w/${OTHER.slug}/settings`);
    await archive(OTHER.slug);
    await expect(olga.getByRole("button", { name: "Archive this workspace" })).toHaveCount(0);
    await go(rita, `/w/${OTHER.slug}/settings`);
    const confirmation = rita.getByLabel("Type the address to delete it for good");
    await confirmation.fill("demo");
    await rita.getByRole("button", { name: "Delete for good" }).click();
    await expect(confirmation).toHaveAccessibleDescription(new RegExp(`Type the address of the workspace: ${OTHER.slug}`));
    await confirmation.fill(OTHER.slug);
    await rita.getByRole("button", { name: "Delete for good" }).click();
    await rita.waitForURL(/\/w\/master$/);
    for (const page of [olga, otto, rita]) expect((await page.request.get(`/w/${OTHER.slug}`)).status()).toBe(404);
  });
});
