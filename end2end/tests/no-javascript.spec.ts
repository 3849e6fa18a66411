// Signing in, reading and deciding, where no script runs: everything is plain HTML, links and forms.
import type { Page } from "@playwright/test";

import { submitted } from "../support/campaign";
import { PASSWORD, address, expect, test } from "../support/people";
import { expectNoSidewaysScroll } from "../support/test";

/** What can be said of a page's accessibility without running anything in it, besides that it fits 320 px. */
async function looked(page: Page, heading: string): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(heading);
  await expect(page.getByRole("main")).toHaveCount(1);
  await expect(page.locator("html[lang]")).toHaveCount(1);
  await expect(page.locator("html[data-hydrated]")).toHaveCount(0);
  await expect(page.getByText("Loading"), "everything came with the page").toHaveCount(0);
  for (const control of await page.locator("input:not([type=hidden]):visible, select:visible, textarea:visible").all()) {
    await expect(control).toHaveAccessibleName(/\w/);
  }
  for (const control of await page.locator("a:visible, button:visible").all()) {
    await expect(control).toHaveAccessibleName(/\w/);
  }
  await page.setViewportSize({ width: 320, height: 900 });
  await expectNoSidewaysScroll(page);
  await page.setViewportSize({ width: 1440, height: 900 });
}

test("somebody signs in, reads, and signs out", async ({ person }) => {
  const page = await person("Ada Author", { javaScript: false });
  await page.getByText("Ada Author").first().click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(/\/sign-in$/);
  await looked(page, "Sign in");

  // The address stays, the password does not, and neither is in the page's address.
  await page.goto("/w/demo/campaigns");
  await page.waitForURL(/\/sign-in\?next=/);
  await page.getByLabel("E-mail").fill(address("Ada Author"));
  await page.getByLabel("Password").fill("not this one");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByLabel("Password")).toHaveAccessibleDescription("This e-mail and password do not belong together.");
  await expect(page.getByLabel("Password")).toHaveValue("");
  await expect(page.getByLabel("E-mail")).toHaveValue(address("Ada Author"));
  expect(decodeURIComponent(page.url())).not.toMatch(/ada@|not this one/);
  await looked(page, "Sign in");

  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(/\/w\/demo\/campaigns$/);
  await looked(page, "Campaigns");
  await page.goto("/w/demo");
  await looked(page, "Overview");
  await expect(page.getByText("no real message leaves this machine")).toBeVisible();

  await page.getByText("Ada Author").first().click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(/\/sign-in$/);
  await expect(page.getByLabel("E-mail")).toHaveValue("");
  await page.goto("/w/demo");
  await expect(page).toHaveURL(/\/sign-in/);
});

test("a moderator rejects one campaign with a note and approves another", async ({ person }) => {
  const author = await person("Ada Author");
  const [wrong, right] = ["Typo in the street", "Street is right"];
  const rejected = await submitted(author, { name: wrong });
  const approved = await submitted(author, { name: right });

  const page = await person("Max Moderator", { javaScript: false });
  await page.goto("/w/demo/moderation");
  await looked(page, "Moderation");
  const row = page.getByRole("row").filter({ hasText: wrong });
  await row.getByRole("button", { name: `Reject ${wrong}` }).click();
  const dialog = page.getByRole("dialog", { name: `Reject “${wrong}”?` });

  // The browser asks for a note; blanks get past it and are explained by the server.
  const note = dialog.getByLabel("What has to change");
  await expect(note).toHaveAttribute("required", "");
  await note.fill("  ");
  await dialog.getByRole("button", { name: /^Reject version/ }).click();
  await expect(page.getByRole("alert")).toContainText("The decision was not made");
  await expect(page.getByRole("alert")).toContainText("Say why you reject it; the author reads this.");
  await looked(page, "Moderation");
  await row.getByRole("button", { name: `Reject ${wrong}` }).click();
  await note.fill("It is Hauptstraße, not Haubtstraße.");
  await dialog.getByRole("button", { name: /^Reject version/ }).click();
  await expect(page.getByRole("row").filter({ hasText: wrong })).toHaveCount(0);

  // The same on the page of a campaign.
  await page.getByRole("link", { name: right }).click();
  await looked(page, right);
  await page.getByRole("button", { name: "Reject", exact: false }).click();
  await page.getByRole("dialog").getByLabel("What has to change").fill(" ");
  await page.getByRole("dialog").getByRole("button", { name: /^Reject version/ }).click();
  await expect(page.getByRole("alert")).toContainText("Say why you reject it; the author reads this.");
  await page.getByRole("button", { name: /^Approve/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: /^Approve version/ }).click();
  await expect(page.getByText("Waits for a moderator")).toHaveCount(0);
  for (const tab of ["Recipients", "Job errors", "Message errors", "Audit"]) {
    await page.getByRole("link", { name: tab }).click();
    await looked(page, right);
  }

  // A page that shows how it stands has to be asked again.
  await expect(async () => {
    await page.goto(approved);
    await expect(page.getByText("Every recipient has a final state.")).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 20_000 });
  await page.goto("/w/demo/campaigns");
  await looked(page, "Campaigns");
  await page.getByRole("link", { name: wrong }).click();
  await expect(page.getByText("It is Hauptstraße, not Haubtstraße.").first()).toBeVisible();
  expect(new URL(page.url()).pathname).toBe(rejected);
  await page.getByText("Max Moderator").first().click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(/\/sign-in$/);
});
