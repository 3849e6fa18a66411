// Somebody is kept out by an operator: what they have open says so, nothing goes through any more, and they come back.
import { OTHER, expect, fresh, installation, signIn } from "../support/installation";
import { looked } from "../support/look";
import { command } from "../support/server";
import { hydrated } from "../support/test";

const test = installation();
// The server goes down for the operator's commands.
test.use({ expectedConsole: [/status of (401|422|502|503)|ERR_CONNECTION_|ERR_EMPTY_RESPONSE/] });

test("a blocked user's open page says that it is over, and so does the sign-in page until they are restored", async ({ browser, server, expectedConsole, signedIn }) => {
  test.setTimeout(120_000);
  const { email } = OTHER.admin;
  const open = await signedIn(email);
  await open.goto(`/w/${OTHER.slug}/senders/new`);
  await hydrated(open);
  await open.getByLabel(/^Name within the workspace/).first().fill("Typed before");

  await server.restart(() => command(server, "user", "block", "--email", email));
  // By itself, and without taking away what was typed.
  await expect(open.getByText("Your session is over.")).toBeVisible({ timeout: 30_000 });
  await expect(open.getByLabel(/^Name within the workspace/).first()).toHaveValue("Typed before");
  await open.getByLabel("SADDR: what phones show").fill("BLOCKED");
  await open.getByRole("button", { name: "Submit for approval" }).click();
  await expect(open.getByRole("alert").filter({ hasText: "Please sign in to go on." })).toBeVisible();
  await looked(open, "session-over");
  await open.getByRole("link", { name: "Sign in again" }).click();
  await open.waitForURL(/\/sign-in\?next=/);

  // Like a wrong password: nobody learns that the account is there.
  const { page, complaints } = await fresh(browser, server, expectedConsole);
  await signIn(page, email);
  await expect(page.getByLabel("Password")).toHaveAccessibleDescription("This e-mail and password do not belong together.");

  await server.restart(() => command(server, "user", "restore", "--email", email));
  await signIn(page, email);
  await page.waitForURL(new RegExp(`/w/${OTHER.slug}$`));
  await page.goto(`/w/${OTHER.slug}/senders`);
  await hydrated(page);
  await expect(page.getByText("BLOCKED"), "nothing went through meanwhile").toHaveCount(0);
  await page.context().close();
  expect(complaints).toEqual([]);
});
