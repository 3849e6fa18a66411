// What has to hold for every page, wherever a journey comes by, and pictures of it for people.
import type { Page } from "@playwright/test";

import { expectAccessible, expectNoSidewaysScroll, hydrated } from "./test";

const SHOTS = process.env.MC_SCREENSHOTS;

/** The page as it stands: axe finds nothing in both themes, and it is as wide as a phone. With a name it is pictured. */
export async function looked(page: Page, name?: string): Promise<void> {
  await hydrated(page);
  await expectAccessible(page);
  await page.setViewportSize({ width: 320, height: 900 });
  await expectNoSidewaysScroll(page);
  await page.setViewportSize({ width: 1440, height: 900 });
  if (name) await shot(page, name);
}

/** Pictures in both themes and widths, in the folder that MC_SCREENSHOTS names. */
export async function shot(page: Page, name: string): Promise<void> {
  if (!SHOTS) return;
  for (const theme of ["light", "dark"]) {
    await page.evaluate((theme) => document.documentElement.setAttribute("data-theme", theme), theme);
    for (const width of [1440, 320]) {
      await page.setViewportSize({ width, height: 900 });
      await page.screenshot({ path: `${SHOTS}/${name}-${width}-${theme}.png`, fullPage: true, animations: "disabled" });
    }
  }
  await page.evaluate(() => document.documentElement.removeAttribute("data-theme"));
  await page.setViewportSize({ width: 1440, height: 900 });
}

/** Goes there and waits until clicks are more than plain HTML. */
export async function go(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await hydrated(page);
}
