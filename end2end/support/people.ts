// The people of `serve --demo`, each in a browser of their own. What their consoles say fails the test as well.
import type { Browser, Page } from "@playwright/test";

import { type Server, startServer } from "./server";
import { expect, hydrated, test as base, watched } from "./test";

export { expect };

export type Person = "Ada Author" | "Max Moderator" | "Ana Admin";

export const PASSWORD = "seven wooden boats";

export interface Opening {
  /** Pages as they are without a script. */
  javaScript?: boolean;
  /** Another server than the worker's. */
  server?: Server;
}

interface Fixtures {
  /** To be done when every browser is closed, the latest first: stopping what pages would complain of. */
  afterwards: (undo: () => Promise<void>) => void;
  /** A signed-in person's page, at the overview. */
  person: (name: Person, opening?: Opening) => Promise<Page>;
}

/** A one-time link works once: from then on the person has a password. */
const known = new WeakMap<Server, Set<Person>>();

export const test = base.extend<Fixtures, { server: Server }>({
  server: [
    async ({}, use) => {
      const server = await startServer(["--demo"]);
      await use(server);
      await server.stop();
    },
    { scope: "worker", timeout: 90_000 },
  ],
  afterwards: async ({}, use) => {
    const undoings: (() => Promise<void>)[] = [];
    await use((undo) => undoings.push(undo));
    for (const undo of undoings.reverse()) await undo();
  },
  // After `afterwards`, and so closed before it.
  person: async ({ browser, server, expectedConsole, afterwards: _ }, use) => {
    const consoles: { name: Person; complaints: string[]; close: () => Promise<void> }[] = [];
    await use(async (name, opening = {}) => {
      const { page, complaints } = await open(browser, opening, opening.server ?? server, expectedConsole);
      consoles.push({ name, complaints, close: () => page.context().close() });
      await signIn(page, opening.server ?? server, name, opening.javaScript ?? true);
      return page;
    });
    for (const { close } of consoles) await close();
    for (const { name, complaints } of consoles) expect(complaints, `the console of ${name}`).toEqual([]);
  },
});

async function open(browser: Browser, opening: Opening, server: Server, expectedConsole: RegExp[]) {
  const context = await browser.newContext({
    baseURL: server.url,
    viewport: { width: 1440, height: 900 },
    javaScriptEnabled: opening.javaScript ?? true,
  });
  // Without a script nobody uses what the page has the browser load for one.
  const unused = opening.javaScript === false ? [/was preloaded using link preload but not used/] : [];
  const complaints = watched(context, [...expectedConsole, ...unused]);
  return { page: await context.newPage(), complaints };
}

export function address(name: Person): string {
  return `${name.split(" ")[0]!.toLowerCase()}@demo.example`;
}

/** Through the one-time link that the demo printed, or with the password that was set there. */
async function signIn(page: Page, server: Server, name: Person, javaScript: boolean): Promise<void> {
  const people = known.get(server) ?? new Set();
  known.set(server, people);
  if (people.has(name)) {
    await page.goto("/sign-in");
    if (javaScript) await hydrated(page);
    await page.getByLabel("E-mail").fill(address(name));
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
  } else {
    const link = [...server.log().matchAll(new RegExp(`${name}\\s+(http\\S+/link/\\S+)`, "g"))].at(-1)?.[1];
    expect(link, `the demo prints a link for ${name}`).toBeDefined();
    await page.goto(link!);
    if (javaScript) await hydrated(page);
    await page.getByLabel("New password").fill(PASSWORD);
    await page.getByLabel("The same again").fill(PASSWORD);
    await page.getByRole("button", { name: "Set the password" }).click();
    people.add(name);
  }
  await page.waitForURL(/\/w\/demo$/);
}
