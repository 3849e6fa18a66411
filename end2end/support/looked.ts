// What every page of a journey has to be, and pictures of it for people.
import type { Page } from "@playwright/test";

import { expectAccessible, expectNoSidewaysScroll, hydrated } from "./test";

const SHOTS = process.env.MC_SCREENSHOTS;

/** Accessible in both themes, and no wider than a narrow screen. */
export async function looked(page: Page, name: string): Promise<void> {
  await hydrated(page);
  await expectAccessible(page);
  const before = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 900 });
  await expectNoSidewaysScroll(page);
  await shot(page, name);
  await page.setViewportSize(before ?? { width: 1440, height: 900 });
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
