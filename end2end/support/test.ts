// The `test` of every browser test: a server per worker, and no error in the browser's console goes unseen.
import AxeBuilder from "@axe-core/playwright";
import { type BrowserContext, type Page, expect, test as base } from "@playwright/test";

import { type Server, startServer } from "./server";

export { expect };

const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

interface TestFixtures {
  /** Console messages that a test brings about on purpose, such as the browser's own line about a 404. */
  expectedConsole: RegExp[];
}

export const test = base.extend<TestFixtures, { server: Server }>({
  server: [
    async ({}, use) => {
      const server = await startServer();
      await use(server);
      await server.stop();
    },
    { scope: "worker", timeout: 90_000 },
  ],
  baseURL: async ({ server }, use) => use(server.url),
  expectedConsole: [[], { option: true }],
  context: async ({ context, expectedConsole }, use) => {
    const complaints = watched(context, expectedConsole);
    await use(context);
    expect(complaints, "the browser's console").toEqual([]);
  },
});

/** What the pages of a browser complain of from now on, except for what is expected. */
export function watched(context: BrowserContext, expectedConsole: RegExp[]): string[] {
  const complaints: string[] = [];
  const complain = (text: string) => {
    if (!expectedConsole.some((expected) => expected.test(text))) complaints.push(text);
  };
  // Violations of the content security policy and hydration mismatches are console messages too.
  context.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complain(`${message.type()}: ${message.text()}`);
  });
  context.on("weberror", (error) => complain(`uncaught: ${error.error()}`));
  return complaints;
}

/** Waits until the page is hydrated: until then clicks are plain HTML. */
export async function hydrated(page: Page): Promise<void> {
  await page.locator("html[data-hydrated]").waitFor({ state: "attached" });
}

/** No finding of axe on the page, in the light and in the dark theme. */
export async function expectAccessible(page: Page): Promise<void> {
  const before = await page.locator("html").getAttribute("data-theme");
  for (const theme of ["light", "dark"]) {
    await page.evaluate((theme) => document.documentElement.setAttribute("data-theme", theme), theme);
    await settled(page);
    const { violations } = await new AxeBuilder({ page }).withTags(WCAG).analyze();
    const findings = violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.html).join("\n  ")}`);
    expect(findings, `axe, ${theme} theme, ${page.url()}`).toEqual([]);
  }
  await page.evaluate((theme) => {
    const root = document.documentElement;
    theme === null ? root.removeAttribute("data-theme") : root.setAttribute("data-theme", theme);
  }, before);
}

/** Colours that change by and by are what they come to be. Not waited for: in a page that is not shown they never end. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(() => {
    const transitions = () => document.getAnimations().filter((animation) => animation instanceof CSSTransition);
    // The end of one may begin another, of what inherits from it.
    for (let found = transitions(), round = 0; found.length > 0 && round < 20; found = transitions(), round += 1) {
      for (const transition of found) transition.finish();
    }
  });
}

/** Nothing makes the page wider than the window, such as at 320 px. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const excess = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(excess, `wider than the window: ${page.url()}`).toBeLessThanOrEqual(0);
}
