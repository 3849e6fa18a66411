// People who ask to be let into a workspace: one is let in with a role, one is rejected.
import type { Page } from "@playwright/test";

import { OTHER, expect, installation } from "../support/installation";
import { go, looked } from "../support/look";

const test = installation();

async function ask(page: Page, workspace: string, note = ""): Promise<void> {
  await page.getByLabel("Address of the workspace").fill(workspace);
  await page.getByLabel("Note").fill(note);
  await page.getByRole("button", { name: "Ask to join" }).click();
}

function row(page: Page, text: string) {
  return page.getByRole("row").filter({ hasText: text });
}

test.describe("a request to join", () => {
  test.use({ expectedConsole: [/status of (404|422)/] });

  test("is approved with a role, or rejected", async ({ person, signedIn }) => {
    const admin = await person("Ana Admin");
    await go(admin, "/w/demo/settings");
    await admin.getByLabel("People may ask to join").check();
    await admin.getByRole("button", { name: "Save" }).click();
    await expect(admin.getByText("The settings are saved.")).toBeVisible();
    await go(admin, "/w/demo/members/requests");
    await expect(admin.getByText("Nobody waits")).toBeVisible();
    await looked(admin);

    const olga = await signedIn(OTHER.admin.email);
    await go(olga, "/join");
    await looked(olga);
    await ask(olga, "demo", "I stand in for Max.");
    await expect(olga.getByText("If there is a workspace with this address and it takes requests, its admins see yours now.")).toBeVisible();
    await expect(row(olga, "demo")).toContainText("Waits for an answer");
    await looked(olga);
    // What does not exist answers alike.
    await ask(olga, "no-such-place");
    await expect(row(olga, "no-such-place")).toContainText("Waits for an answer");
    await ask(olga, "demo");
    await expect(olga.getByLabel("Address of the workspace")).toHaveAccessibleDescription(/You have asked already/);
    // Not in yet.
    expect((await olga.request.get("/w/demo")).status()).toBe(404);

    const otto = await signedIn(OTHER.author.email);
    await go(otto, "/join");
    await ask(otto, "demo");
    await expect(row(otto, "demo")).toContainText("Waits for an answer");

    await go(admin, "/w/demo/members/requests");
    await expect(row(admin, OTHER.admin.email)).toContainText("I stand in for Max.");
    await looked(admin);
    await admin.getByRole("link", { name: `Decide about ${OTHER.admin.name}` }).click();
    await expect(admin.getByRole("heading", { level: 1 })).toHaveText(OTHER.admin.name);
    await looked(admin);
    await admin.getByLabel("Role", { exact: true }).selectOption("Moderator");
    await admin.getByRole("button", { name: "Let in" }).click();
    await admin.waitForURL(/\/members\/requests$/);
    await expect(row(admin, OTHER.admin.email)).toHaveCount(0);

    await admin.getByRole("link", { name: `Decide about ${OTHER.author.name}` }).click();
    await admin.getByRole("button", { name: "Reject" }).click();
    await admin.waitForURL(/\/members\/requests$/);
    await expect(admin.getByText("Nobody waits")).toBeVisible();

    await go(olga, "/w/demo/members");
    await expect(row(olga, OTHER.admin.email)).toContainText("Moderator");
    await go(otto, "/join");
    await expect(row(otto, "demo")).toContainText("Rejected");
    await looked(otto);
    await ask(otto, "demo");
    await expect(otto.getByLabel("Address of the workspace")).toHaveAccessibleDescription(/rejected; you can ask again a day after that/);
    expect((await otto.request.get("/w/demo")).status()).toBe(404);
  });
});
