// A test message: to a number that an admin listed, over SMPP to the simulator, and its receipt on the page.
import { draft } from "../support/campaign";
import { go, looked } from "../support/look";
import { expect, test } from "../support/people";

test("an author sends a test of a draft and sees it delivered", async ({ person }) => {
  test.setTimeout(120_000);
  const author = await person("Ada Author");
  const admin = await person("Ana Admin");
  const campaign = await draft(author, { name: "To be tried", text: "Hello {first_name}, tonight." });

  await go(author, `${campaign}/test`);
  await expect(author.getByText("No test number yet")).toBeVisible();
  await looked(author, "test-send-empty");

  await go(admin, "/w/demo/settings");
  await admin.getByRole("link", { name: "Test numbers" }).click();
  await expect(admin.getByRole("heading", { level: 1 })).toHaveText("Test numbers");
  await admin.getByLabel("Whose it is").fill("Ana's phone");
  await admin.getByLabel("Number", { exact: true }).fill("+43 670 1234567");
  await admin.getByRole("button", { name: "Add" }).click();
  await expect(admin.getByRole("row").filter({ hasText: "Ana's phone" })).toBeVisible();
  await looked(admin, "test-numbers");

  await go(author, campaign);
  await author.getByRole("link", { name: "Send a test" }).click();
  await author.waitForURL(/\/test$/);
  await author.getByLabel("To", { exact: true }).selectOption({ index: 0 });
  await author.getByLabel("{first_name}").fill("Ada");
  await author.getByRole("button", { name: "Send the test" }).click();
  const sent = author.getByRole("row").filter({ hasText: "Hello Ada, tonight." });
  await expect(sent).toBeVisible();
  await expect(sent).toContainText("Delivered", { timeout: 30_000 });
  await expect(sent).toContainText("Ana's phone (•••4567)");
  await looked(author, "test-send");

  // It is no recipient of the campaign, and decides nothing.
  await go(author, campaign);
  await expect(author.getByText("Draft", { exact: true }).first()).toBeVisible();
  await go(author, `${campaign}?tab=audit`);
  await expect(author.getByText("1234567")).toBeHidden();
});
