// What has to hold for every page, wherever a journey comes by.
import type { Page } from "@playwright/test";

import { expectAccessible, expectNoSidewaysScroll, hydrated } from "./test";

/** The page as it stands: axe finds nothing in both themes, and it is as wide as a phone. */
export async function looked(page: Page): Promise<void> {
  await hydrated(page);
  await expectAccessible(page);
  await page.setViewportSize({ width: 320, height: 900 });
  await expectNoSidewaysScroll(page);
  await page.setViewportSize({ width: 1440, height: 900 });
}

/** Goes there and waits until clicks are more than plain HTML. */
export async function go(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await hydrated(page);
}
