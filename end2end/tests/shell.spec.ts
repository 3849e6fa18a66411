// The shell around every page: statuses, headers, themes, and pages without a script.
import { expect, expectAccessible, expectNoSidewaysScroll, hydrated, test } from "../support/test";

const NOWHERE = "/no/such/page";

test.describe("an address that leads nowhere", () => {
  test.use({ expectedConsole: [/status of 404/] });

  test("says so with its status, and hydrates without a complaint", async ({ page }) => {
    const answer = await page.goto(NOWHERE);
    expect(answer?.status()).toBe(404);
    await expect(page).toHaveTitle("Page not found · Message Center");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Page not found");
    await hydrated(page);
  });

  test("is accessible in both themes, and fits 320 px", async ({ page }) => {
    await page.goto(NOWHERE);
    await hydrated(page);
    await expectAccessible(page);
    await page.setViewportSize({ width: 320, height: 640 });
    await expectNoSidewaysScroll(page);
  });

  test("lets the theme be chosen, and keeps it", async ({ page }) => {
    await page.goto(NOWHERE);
    await hydrated(page);
    await page.getByRole("button", { name: "Display" }).click();
    await page.getByRole("button", { name: "Dark" }).click();
    await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
    await page.reload();
    // The server knows it: there is no moment in the wrong colours.
    await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  });
});

test.describe("without a script", () => {
  test.use({ javaScriptEnabled: false, expectedConsole: [/status of 404/] });

  test("the theme is chosen by a form", async ({ page }) => {
    await page.goto(NOWHERE);
    await page.getByRole("button", { name: "Display" }).click();
    await page.getByRole("button", { name: "Dark" }).click();
    await expect(page).toHaveURL(new RegExp(`${NOWHERE}$`));
    await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  });
});

test("pages come with headers that rule out framing, sniffing, caching and foreign scripts", async ({ request }) => {
  const { headers } = await request.get(NOWHERE).then((answer) => ({ headers: answer.headers() }));
  expect(headers["content-security-policy"]).toMatch(/script-src 'nonce-[\w-]{20,}' 'strict-dynamic' 'wasm-unsafe-eval';/);
  expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
  expect(headers["x-content-type-options"]).toBe("nosniff");
  expect(headers["referrer-policy"]).toBe("same-origin");
  expect(headers["cache-control"]).toBe("no-store");
});

test("assets come compressed and may be kept for good", async ({ request }) => {
  const html = await request.get(NOWHERE).then((answer) => answer.text());
  const css = /href="(\/pkg\/[^"]+\.css)"/.exec(html)?.[1];
  expect(css).toBeDefined();
  const answer = await request.get(css!, { headers: { "accept-encoding": "br" } });
  expect(answer.headers()["content-encoding"]).toBe("br");
  expect(answer.headers()["cache-control"]).toContain("immutable");
});

test("a form that another site sends is refused", async ({ request }) => {
  for (const headers of [{ "sec-fetch-site": "cross-site" }, { origin: "https://elsewhere.example" }, {}]) {
    const answer = await request.post("/theme", { headers, form: { theme: "dark", back: "/" }, maxRedirects: 0 });
    expect(answer.status()).toBe(403);
  }
});

test("a refusal in the address counts only from our own pages", async ({ request }) => {
  const headers = { "sec-fetch-site": "cross-site" };
  const answer = await request.get(`${NOWHERE}?page=2&__path=x&__err=y`, { headers, maxRedirects: 0 });
  expect(answer.status()).toBe(303);
  expect(answer.headers().location).toBe(`${NOWHERE}?page=2`);
});
