// The demo's server with a super admin, and a second workspace of which none of the demo's people is a member.
import fs from "node:fs";
import path from "node:path";

import type { Browser, Page } from "@playwright/test";

import { PASSWORD, test as people } from "./people";
import { type Server, command, startServer } from "./server";
import { expect, hydrated, watched } from "./test";

export { expect, PASSWORD };

export const ROOT = { name: "Rita Root", email: "rita@root.example" };
export const OTHER = {
  slug: "other-people",
  name: "Other people",
  admin: { name: "Olga Other", email: "olga@other.example" },
  author: { name: "Otto Other", email: "otto@other.example" },
};

/** What the configuration file of the server says, such as where mail goes. */
export function installation(config: () => Promise<string> = async () => "") {
  return people.extend<{ signedIn: (email: string, password?: string) => Promise<Page> }, { server: Server }>({
    server: [
      async ({}, use) => {
        const server = await startServer(["--demo"], await config());
        await server.restart(() => {
          const password = path.join(server.dataDir, "password");
          fs.writeFileSync(password, `${PASSWORD}\n`);
          const known = ["--password-file", password];
          command(server, "user", "create", "--email", ROOT.email, "--name", ROOT.name, "--super-admin", ...known);
          const place = ["--time-zone", "Europe/Vienna", "--country", "AT"];
          command(server, "workspace", "create", "--slug", OTHER.slug, "--name", OTHER.name, ...place);
          for (const [role, { email, name }] of [["admin", OTHER.admin], ["author", OTHER.author]] as const) {
            command(server, "user", "create", "--email", email, "--name", name, "--workspace", OTHER.slug, "--role", role, ...known);
          }
        });
        await use(server);
        // Whatever the tests have done: it is on record, and the record is whole.
        await server.stop(() => expect(command(server, "audit", "verify")).toContain("The audit log holds."));
      },
      { scope: "worker", timeout: 120_000 },
    ],
    /** Somebody's page in a browser of their own, wherever signing in leads them. */
    signedIn: async ({ browser, server, expectedConsole }, use) => {
      const opened: { email: string; page: Page; complaints: string[] }[] = [];
      await use(async (email, password = PASSWORD) => {
        const { page, complaints } = await fresh(browser, server, expectedConsole);
        opened.push({ email, page, complaints });
        await signIn(page, email, password);
        await page.waitForURL((url) => url.pathname !== "/sign-in");
        return page;
      });
      for (const { page } of opened) await page.context().close();
      for (const { email, complaints } of opened) expect(complaints, `the console of ${email}`).toEqual([]);
    },
  });
}

/** A browser of its own, with nobody signed in. */
export async function fresh(browser: Browser, server: Server, expectedConsole: RegExp[]) {
  const context = await browser.newContext({ baseURL: server.url, viewport: { width: 1440, height: 900 } });
  const complaints = watched(context, expectedConsole);
  return { page: await context.newPage(), complaints };
}

/** Sends the form of the sign-in page; what comes then is the caller's. */
export async function signIn(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.goto("/sign-in");
  await hydrated(page);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}
