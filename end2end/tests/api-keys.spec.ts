// API keys: made, shown once, used by a program, revoked.
import { expect, installation } from "../support/installation";
import { go, looked } from "../support/look";

const test = installation();

test.describe("an API key", () => {
  test.use({ expectedConsole: [/status of (404|422)/] });

  test("is shown once, opens what it is for, and ends at the next request", async ({ person, server }) => {
    const admin = await person("Ana Admin");
    await go(admin, "/w/demo/keys");
    await expect(admin.getByText("No key yet")).toBeVisible();
    await looked(admin);
    await admin.getByLabel("Name").fill("Billing");
    await admin.getByRole("button", { name: "Make key" }).click();
    await expect(admin.getByRole("group", { name: "What it may do" })).toHaveAccessibleDescription(/.+/);
    await admin.getByLabel("campaigns:read").check();
    await admin.getByRole("button", { name: "Make key" }).click();
    await expect(admin.getByText("The key “Billing” is made")).toBeVisible();
    const secret = await admin.getByLabel("API key", { exact: true }).and(admin.locator("input")).inputValue();
    expect(secret).toMatch(/^mc_/);
    await looked(admin);

    const call = (path: string, key = secret) => fetch(`${server.url}/api/v1${path}`, { headers: { authorization: `Bearer ${key}` } });
    expect((await call("/campaigns")).status).toBe(200);
    const without = await call("/usage?month=2026-01");
    expect(without.status).toBe(403);
    expect(without.headers.get("content-type")).toBe("application/problem+json");
    expect((await call("/campaigns", `${secret}x`)).status).toBe(401);

    await go(admin, "/w/demo/keys");
    const row = admin.getByRole("row").filter({ hasText: "Billing" });
    await expect(row).toContainText("Active");
    await expect(row).not.toContainText("never");
    await expect(admin.getByText(secret)).toHaveCount(0);
    await row.getByRole("button", { name: "Revoke Billing" }).click();
    await admin.getByRole("dialog", { name: "Revoke “Billing”?" }).getByRole("button", { name: "Revoke" }).click();
    await expect(row).toContainText("Revoked");
    expect((await call("/campaigns")).status).toBe(401);
    await looked(admin);
    const author = await person("Ada Author");
    expect((await author.request.get("/w/demo/keys")).status()).toBe(403);
  });
});
