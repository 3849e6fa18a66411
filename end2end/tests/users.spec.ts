// The people of the installation in the hands of a super admin: made by a link, blocked, restored, and given a new password.
import { PASSWORD, ROOT, OTHER, expect, fresh, installation, signIn } from "../support/installation";
import { looked } from "../support/look";
import { hydrated } from "../support/test";

const test = installation();
test.use({ expectedConsole: [/status of (401|404|422)/] });

const NINA = { name: "Nina New", email: "nina@new.example" };

test("a user is created by a link, blocked in an open browser, restored, and given a new password", async ({ browser, server, expectedConsole, signedIn }) => {
  test.setTimeout(150_000);
  const root = await signedIn(ROOT.email);
  await hydrated(root);
  await root.getByText(ROOT.name).first().click();
  await root.getByRole("link", { name: "Users and settings" }).click();
  await root.waitForURL(/\/installation\/users$/);
  await expect(root.getByRole("row").filter({ hasText: OTHER.admin.email })).toContainText("Active");
  await looked(root, "users");
  await root.getByRole("link", { name: "New user" }).click();
  await root.waitForURL(/\/users\/new$/);
  await hydrated(root);
  await root.getByLabel("Name", { exact: true }).fill(NINA.name);
  await root.getByLabel("E-mail").fill(OTHER.admin.email);
  await root.getByRole("button", { name: "Create and make a link" }).click();
  await expect(root.getByLabel("E-mail")).toHaveAccessibleDescription(/somebody has this e-mail address already/i);
  await root.getByLabel("E-mail").fill(NINA.email);
  await root.getByRole("button", { name: "Create and make a link" }).click();
  const link = root.getByLabel(`One-time link for ${NINA.email}`);
  await expect(link).toHaveValue(/\/link\//);
  await looked(root, "user-created");

  const { page: nina, complaints } = await fresh(browser, server, expectedConsole);
  const choose = async (address: string, password: string) => {
    await nina.goto(address);
    await hydrated(nina);
    await nina.getByLabel("New password").fill(password);
    await nina.getByLabel("The same again").fill(password);
    await nina.getByRole("button", { name: "Set the password" }).click();
    await expect(nina.getByText("You are not a member of any workspace")).toBeVisible();
  };
  await choose(await link.inputValue(), PASSWORD);

  await root.goto("/installation/users");
  await hydrated(root);
  await root.getByLabel("Name or e-mail").fill("nina");
  await root.getByRole("button", { name: "Apply" }).click();
  await root.waitForURL(/\?search=nina$/);
  await expect(root.getByText("1 account", { exact: true })).toBeVisible();
  await root.getByRole("link", { name: NINA.name }).click();
  await root.waitForURL(/\/installation\/users\/[0-9a-f-]{36}$/);
  await hydrated(root);
  const user = new URL(root.url()).pathname;
  await looked(root, "user");
  await root.getByRole("button", { name: "Block the account" }).click();
  await root.getByRole("dialog").getByRole("button", { name: "Block", exact: true }).click();
  await expect(root.getByText("Blocked", { exact: true })).toBeVisible();
  await looked(root, "user-blocked");
  await nina.getByRole("link", { name: "Notices" }).click();
  await nina.waitForURL(/\/sign-in/);
  await signIn(nina, NINA.email);
  await expect(nina.getByLabel("Password")).toHaveAccessibleDescription(/do not belong together/);

  await root.getByRole("button", { name: "Restore the account" }).click();
  await expect(root.getByText("Active", { exact: true })).toBeVisible();
  await signIn(nina, NINA.email);
  await expect(nina.getByText("You are not a member of any workspace")).toBeVisible();
  await root.getByRole("button", { name: "Reset the password" }).click();
  await expect(link).toHaveValue(/\/link\//);
  await choose(await link.inputValue(), "nine restless blue kites");
  await root.reload();
  await hydrated(root);
  await root.getByRole("button", { name: "End all sessions" }).click();
  await expect(root.getByText("nowhere", { exact: true })).toBeVisible();
  await nina.reload();
  await expect(nina).toHaveURL(/\/sign-in/);
  await nina.context().close();
  expect(complaints).toEqual([]);

  // Nobody blocks themselves, and nobody else comes here.
  await root.goto("/installation/users?search=rita");
  await hydrated(root);
  await root.getByRole("link", { name: ROOT.name }).click();
  await expect(root.getByText("This is you")).toBeVisible();
  await expect(root.getByRole("button", { name: "Block the account" })).toHaveCount(0);
  await looked(root, "user-me");
  const olga = await signedIn(OTHER.admin.email);
  for (const address of ["/installation/users", user, "/installation/settings"]) {
    expect((await olga.goto(address))?.status(), address).toBe(404);
  }
});
