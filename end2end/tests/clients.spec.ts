// A client in one go, and what super admins see of all workspaces.
import type { Page } from "@playwright/test";

import { OTHER, PASSWORD, ROOT, expect, fresh, installation } from "../support/installation";
import { go, looked } from "../support/look";

const test = installation();

function row(page: Page, text: string) {
  return page.getByRole("row").filter({ hasText: text });
}

test.describe("a client", () => {
  test.use({ expectedConsole: [/status of (404|422)/] });

  test("is made with its first admin and its first sender name", async ({ signedIn, browser, server }) => {
    const email = "carla@client.example";
    const rita = await signedIn(ROOT.email);
    await go(rita, "/");
    await rita.getByRole("button", { name: /^Workspace/ }).click();
    await rita.getByRole("link", { name: "All workspaces" }).click();
    await expect(rita.getByRole("heading", { level: 1 })).toHaveText("All workspaces");
    await expect(row(rita, OTHER.slug)).toBeVisible();
    await looked(rita);
    await rita.getByRole("link", { name: "New workspace" }).click();
    await rita.getByLabel("Name of the workspace").fill("Client & Sons");
    await expect(rita.getByLabel("Its address")).toHaveValue("client-sons");
    await looked(rita);
    await rita.getByLabel("Its address").fill(OTHER.slug);
    await rita.getByLabel("Time zone").selectOption("Europe/Vienna");
    await rita.getByLabel("Country of numbers without a country code").selectOption("AT");
    await rita.getByLabel("E-mail").fill(email);
    await rita.getByLabel("Name within the workspace").fill("Client");
    await rita.getByLabel("SADDR: what phones show").fill("CLIENT");
    await rita.getByRole("button", { name: "Create workspace" }).click();
    await expect(rita.getByLabel("Its address")).toHaveAccessibleDescription(/This address is taken; choose another one/);
    await rita.getByLabel("Its address").fill("client-sons");
    await rita.getByRole("button", { name: "Create workspace" }).click();
    await expect(rita.getByRole("heading", { level: 1 }).filter({ visible: true })).toHaveText("The workspace is there");
    const link = await rita.getByLabel(`Invitation for ${email}`, { exact: true }).and(rita.locator("input")).inputValue();
    await looked(rita);

    const { page: carla, complaints } = await fresh(browser, server, []);
    await go(carla, link);
    await expect(carla.getByRole("heading", { level: 1 })).toHaveText("Join Client & Sons");
    await carla.getByLabel("Your name").fill("Carla Client");
    await carla.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await carla.getByLabel("The same again").fill(PASSWORD);
    await carla.getByRole("button", { name: "Accept and sign in" }).click();
    await carla.waitForURL(/\/w\/client-sons$/);
    await expect(carla.getByRole("heading", { level: 1 })).toHaveText("Overview");
    await looked(carla);
    await carla.getByRole("link", { name: "Senders" }).click();
    await expect(row(carla, "Client")).toContainText("Pending approval");
    expect((await carla.request.get("/w/master")).status()).toBe(404);
    expect((await carla.request.get(`/w/${OTHER.slug}`)).status()).toBe(404);
    expect(complaints).toEqual([]);
    await carla.context().close();

    // The revision waits, and a super admin who enters is seen to act as one.
    await rita.getByRole("link", { name: "All workspaces" }).filter({ visible: true }).click();
    await rita.getByLabel("Name or address").fill("sons");
    await rita.getByRole("button", { name: "Apply" }).click();
    await rita.waitForURL(/search=sons/);
    await expect(row(rita, OTHER.slug)).toHaveCount(0);
    await row(rita, "client-sons").getByRole("link", { name: /waiting/ }).click();
    await rita.waitForURL(/\/w\/client-sons\/moderation/);
    await expect(rita.getByText("Acting as super admin")).toBeVisible();
    await expect(rita.getByRole("heading", { level: 1 })).toHaveText("Moderation");
    await looked(rita);
  });

  test("is overseen together with all others, and only by super admins", async ({ signedIn, person }) => {
    const rita = await signedIn(ROOT.email);
    await go(rita, "/w/master");
    await rita.getByRole("navigation", { name: "All workspaces" }).getByRole("link", { name: "Campaigns" }).click();
    await expect(rita.getByRole("heading", { level: 1 })).toHaveText("Campaigns of all workspaces");
    await looked(rita);
    await go(rita, "/w/master?search=nobody-is-called-so");
    await expect(rita.getByText("No workspace matches")).toBeVisible();
    await looked(rita);
    await go(rita, "/w/archive");
    await looked(rita);

    const author = await person("Ada Author");
    await go(author, "/w/archive");
    await looked(author);
    for (const address of ["/w/master", "/w/master/campaigns", "/w/master/new"]) {
      expect((await author.request.get(address)).status(), address).toBe(404);
    }
    // Who is nothing but a moderator has no archive.
    const moderator = await person("Max Moderator");
    expect((await moderator.request.get("/w/archive")).status()).toBe(404);
  });
});
