// A template: written, approved by somebody else, used, and seen as such by the moderator.
import { numbers } from "../support/campaign";
import { go, looked } from "../support/look";
import { expect, test } from "../support/people";
import { hydrated } from "../support/test";

test("a template is approved and used unaltered", async ({ person }) => {
  test.setTimeout(180_000);
  const author = await person("Ada Author");
  const moderator = await person("Max Moderator");
  await go(author, "/w/demo/templates");
  await expect(author.getByText("No template yet")).toBeVisible();
  await looked(author, "templates-empty");
  await author.getByRole("link", { name: "New template" }).click();
  await hydrated(author);
  await author.getByLabel("Name of the template").fill("Maintenance");
  await author.getByLabel("Text", { exact: true }).fill("Planned maintenance tonight, 22:00 to 02:00.");
  await author.getByLabel("Ask the moderators to approve it").check();
  await looked(author, "templates-new");
  await author.getByRole("button", { name: "Make the template" }).click();
  await author.waitForURL(/\/templates\/[0-9a-f-]{36}$/);
  const template = new URL(author.url()).pathname;
  await expect(author.getByText("Pending approval").first()).toBeVisible();
  await expect(author.getByRole("button", { name: /^Approve/ })).toBeHidden();

  await go(moderator, "/w/demo/moderation");
  await moderator.getByRole("link", { name: "See the templates" }).click();
  await moderator.getByRole("link", { name: "Maintenance" }).click();
  await moderator.waitForURL((url) => url.pathname === template);
  await moderator.getByRole("button", { name: /^Approve/ }).first().click();
  await moderator.getByRole("dialog").getByRole("button", { name: "Approve" }).click();
  await expect(moderator.getByText("Approved by Max Moderator")).toBeVisible();
  await looked(moderator, "template");

  await go(author, "/w/demo/campaigns/new");
  await author.getByRole("radio", { name: /^On.demand/i }).check();
  await author.getByRole("button", { name: "Continue" }).click();
  await author.waitForURL(/edit\/2$/);
  await hydrated(author);
  await author.getByLabel("Begin with a template").selectOption({ index: 1 });
  await author.getByRole("button", { name: "Use its text" }).click();
  await author.waitForURL(/template=/);
  await hydrated(author);
  await expect(author.getByLabel("Message", { exact: true })).toHaveValue("Planned maintenance tonight, 22:00 to 02:00.");
  await author.getByLabel("Name of the campaign").fill("Tonight");
  await author.getByLabel("Sender", { exact: true }).selectOption({ index: 1 });
  await looked(author, "wizard-2-template");
  await author.getByRole("button", { name: "Save and continue" }).click();
  await author.waitForURL(/edit\/3$/);
  const campaign = new URL(author.url()).pathname.replace(/\/edit\/3$/, "");
  await go(author, `${campaign}/edit/4`);
  await author.getByLabel("One number a line").fill(numbers(2).join("\n"));
  await author.getByRole("button", { name: "Use these numbers" }).click();
  await expect(author.getByText("2 of 2 lines are recipients.")).toBeVisible();
  await go(author, `${campaign}/edit/5`);
  await author.getByRole("button", { name: "Submit for approval" }).click();
  await author.waitForURL((url) => url.pathname === campaign);

  await go(moderator, "/w/demo/moderation");
  const row = moderator.getByRole("row", { name: /^Tonight/ });
  await expect(row).toContainText("approved template, unaltered");
  await looked(moderator, "moderation-template");
});
