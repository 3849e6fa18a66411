// What the keyboard does everywhere: the command palette, the list of keys, and staying signed in.
import type { Page } from "@playwright/test";

import { draft } from "../support/campaign";
import { go, shot } from "../support/look";
import { expect, test } from "../support/people";
import { expectAccessible, expectNoSidewaysScroll } from "../support/test";

/** As `looked`, with a dialog open: it stays so at every width. */
async function lookedAtDialog(page: Page, name: string): Promise<void> {
  await expectAccessible(page);
  await page.setViewportSize({ width: 320, height: 900 });
  await expectNoSidewaysScroll(page);
  await page.setViewportSize({ width: 1440, height: 900 });
  await shot(page, name);
}

test("the palette leads to pages, campaigns and actions by keyboard alone", async ({ person }) => {
  test.setTimeout(120_000);
  const author = await person("Ada Author");
  const campaign = await draft(author, { name: "Winter tyres" });
  await go(author, "/w/demo");
  await author.keyboard.press("Control+k");
  const palette = author.getByRole("dialog", { name: "Go to, or do something" });
  const field = palette.getByRole("combobox");
  await expect(field).toBeFocused();
  await expect(palette.getByRole("option").first()).toHaveAttribute("aria-selected", "true");
  await author.keyboard.type("send");
  await expect(palette.getByRole("option", { name: /^Senders/ })).toBeVisible();
  await lookedAtDialog(author, "palette");
  await author.keyboard.press("Escape");
  await expect(palette).toBeHidden();

  await author.keyboard.press("Control+k");
  await expect(field).toHaveValue("");
  await author.keyboard.type("winter ty");
  await expect(palette.getByRole("option", { name: /Winter tyres/ })).toHaveAttribute("aria-selected", "true");
  await author.keyboard.press("Enter");
  await author.waitForURL((url) => url.pathname === campaign);
  await expect(author.getByRole("heading", { level: 1 })).toHaveText("Winter tyres");

  await author.keyboard.press("Control+k");
  await author.keyboard.type("new");
  await expect(palette.getByRole("option")).toHaveCount(2);
  await author.keyboard.press("ArrowDown");
  await expect(palette.getByRole("option", { name: /^New template/ })).toHaveAttribute("aria-selected", "true");
  await expect(field).toHaveAttribute("aria-activedescendant", /-1$/);
  await author.keyboard.press("ArrowUp");
  await author.keyboard.press("Enter");
  await author.waitForURL(/\/campaigns\/new$/);
  await author.keyboard.press("Control+k");
  // What an author may not do is not there.
  await author.keyboard.type("pause everything");
  await expect(palette.getByText("Nothing here is called so.")).toBeVisible();
  await lookedAtDialog(author, "palette-nothing");
});

test("the question mark lists the keys, which can be switched off", async ({ person }) => {
  const author = await person("Ada Author");
  await go(author, "/w/demo/campaigns");
  await author.keyboard.press("?");
  const keys = author.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(keys).toBeVisible();
  await lookedAtDialog(author, "shortcuts");
  await keys.getByLabel("Use keys of one letter").uncheck();
  await keys.getByRole("button", { name: "Close" }).click();
  await author.keyboard.press("?");
  await expect(keys).toBeHidden();
  await author.reload();
  await author.locator("html[data-hydrated]").waitFor({ state: "attached" });
  await author.keyboard.press("?");
  await expect(keys, "it is kept").toBeHidden();
  await author.keyboard.press("Control+k");
  await author.keyboard.type("keyboard");
  await author.keyboard.press("Enter");
  await expect(keys).toBeVisible();
  await keys.getByLabel("Use keys of one letter").check();
  await author.keyboard.press("Escape");
  await author.locator("main input[name=search]").focus();
  await author.keyboard.type("?");
  await expect(keys, "in a field it is a character").toBeHidden();
});

test("who was away is asked in time, and stays", async ({ person }) => {
  test.setTimeout(120_000);
  const author = await person("Ada Author");
  await go(author, "/w/demo");
  const asked: string[] = [];
  // The server's clock is not the test's: it says what it would say after almost two hours.
  await author.route("**/api/sessions/session_left", async (route) => {
    const body = route.request().postData() ?? "";
    asked.push(body);
    if (body.includes("true")) return route.continue();
    return route.fulfill({ contentType: "application/json", body: JSON.stringify({ idle: 100, whole: 20_000 }) });
  });
  const ends = author.getByRole("dialog", { name: "Your session ends" });
  await expect(ends).toBeVisible({ timeout: 50_000 });
  await expect(ends).toContainText("You are signed out within 2 minutes.");
  await lookedAtDialog(author, "session-end");
  await ends.getByRole("button", { name: "Stay signed in" }).click();
  await expect(ends).toBeHidden();
  expect(asked.at(-1)).toContain("active=true");
});
