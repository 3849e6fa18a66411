// Somebody guesses, the account locks for a minute, and the wait can be read off the page.
import { PASSWORD, expect, fresh, installation, signIn } from "../support/installation";
import { expectAccessible, expectNoSidewaysScroll } from "../support/test";

const test = installation();
test.use({ expectedConsole: [/status of (422|429)/] });

const WRONG = "This e-mail and password do not belong together.";

for (const [whose, email] of [["an account", "max@demo.example"], ["an address without an account", "nobody@demo.example"]] as const) {
  test(`three wrong passwords lock ${whose} for a minute`, async ({ browser, server, expectedConsole, person }) => {
    test.setTimeout(150_000);
    // The owner has a password, and is signed in elsewhere all the while.
    const owner = await person("Max Moderator");
    const { page, complaints } = await fresh(browser, server, expectedConsole);
    for (const guess of ["first guess", "second guess"]) {
      await signIn(page, email, guess);
      await expect(page.getByLabel("Password")).toHaveAccessibleDescription(WRONG);
      await expect(page.getByLabel("E-mail")).toHaveValue(email);
    }
    await signIn(page, email, "third guess");
    const locked = page.getByRole("alert");
    await expect(locked).toContainText("Too many attempts with this address. It is locked.");
    await expect(locked).toContainText(/You can try again in (60|59|58) seconds\./);
    await expectAccessible(page);
    await page.setViewportSize({ width: 320, height: 900 });
    await expectNoSidewaysScroll(page);
    await page.setViewportSize({ width: 1440, height: 900 });

    // The right password does not help while it lasts, and does not make it longer.
    const before = await secondsLeft();
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(async () => expect(await secondsLeft()).toBeLessThan(before)).toPass();
    await expect(page).toHaveURL(/\/sign-in/);
    // Who is in stays in.
    await owner.reload();
    await expect(owner.getByRole("heading", { level: 1 })).toHaveText("Overview");

    await expect(page.getByText("You can try again now.")).toBeVisible({ timeout: 75_000 });
    await expect(locked).toHaveCount(0);
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    if (email === "max@demo.example") {
      await page.waitForURL(/\/w\/demo$/);
    } else {
      await expect(page.getByLabel("Password")).toHaveAccessibleDescription(WRONG);
    }
    await page.context().close();
    expect(complaints, "the console of the sign-in page").toEqual([]);

    async function secondsLeft(): Promise<number> {
      const text = await locked.locator("[aria-hidden=true]").filter({ hasText: "second" }).innerText();
      return Number(/\d+/.exec(text)?.[0]);
    }
  });
}
