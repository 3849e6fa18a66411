// What belongs to others, what is out of date, and what was never offered: each time a clear answer, and nothing is lost.
import fs from "node:fs";
import path from "node:path";

import type { Page } from "@playwright/test";

import { draft, submitted } from "../support/campaign";
import { PASSWORD, expect, test as base } from "../support/people";
import { type Server, command, startServer } from "../support/server";
import { expectAccessible, expectNoSidewaysScroll, hydrated, watched } from "../support/test";

const OTHER = "other-people";
const OLGA = "olga@other.example";

/** The demo's server with a second workspace, of which none of the demo's people is a member. */
const test = base.extend<object, { server: Server }>({
  server: [
    async ({}, use) => {
      const server = await startServer(["--demo"]);
      await server.restart(() => {
        const password = path.join(server.dataDir, "password");
        fs.writeFileSync(password, `${PASSWORD}\n`);
        const place = ["--time-zone", "Europe/Vienna", "--country", "AT", "--without-four-eyes"];
        command(server, "workspace", "create", "--slug", OTHER, "--name", "Other people", ...place);
        const olga = ["--email", OLGA, "--name", "Olga Other", "--workspace", OTHER, "--role", "admin"];
        command(server, "user", "create", ...olga, "--password-file", password);
      });
      await use(server);
      await server.stop();
    },
    { scope: "worker", timeout: 120_000 },
  ],
});

/** What a browser gets, without what differs between any two answers and the part of the address in question. */
async function answer(page: Page, address: string, part: string): Promise<{ status: number; html: string }> {
  const answer = await page.request.get(address);
  const html = (await answer.text()).replaceAll(part, "…").replace(/nonce="[^"]*"/g, "").replace(/"nonce-[^"]*"/g, "");
  return { status: answer.status(), html };
}

test.describe("what belongs to others", () => {
  test.use({ expectedConsole: [/status of (404|422)/] });

  test("looks like what does not exist, and cannot be put into a form", async ({ person, browser, server }) => {
    // Olga has a sender name that is approved, and a campaign.
    const context = await browser.newContext({ baseURL: server.url, viewport: { width: 1440, height: 900 } });
    const complaints = watched(context, []);
    const olga = await context.newPage();
    await olga.goto(`/sign-in?next=/w/${OTHER}/senders/new`);
    await hydrated(olga);
    await olga.getByLabel("E-mail").fill(OLGA);
    await olga.getByLabel("Password").fill(PASSWORD);
    await olga.getByRole("button", { name: "Sign in" }).click();
    await olga.getByLabel("Name within the workspace").fill("Other");
    await olga.getByLabel("SADDR: what phones show").fill("OTHER");
    await olga.getByRole("button", { name: "Submit for approval" }).click();
    await olga.waitForURL(/\/senders\/[0-9a-f-]{36}/);
    const sender = new URL(olga.url()).pathname.split("/").at(-1)!;
    await olga.goto(`/w/${OTHER}/moderation?tab=senders`);
    await hydrated(olga);
    await olga.getByRole("button", { name: /^Approve/ }).first().click();
    await olga.getByRole("dialog").getByRole("button", { name: "Approve revision 1" }).click();
    await expect(olga.getByText("was approved")).toBeVisible();
    const theirs = await draft(olga, { name: "Theirs", slug: OTHER });
    expect(complaints, "Olga's console").toEqual([]);
    await context.close();

    const page = await person("Ada Author");
    const id = theirs.split("/").at(-1)!;
    const nobodys = id.replace(/^.{8}/, "00000000");
    for (const rest of ["", "/campaigns", `/campaigns/${id}`, `/campaigns/${id}/edit/2`, `/senders/${sender}`, "/no/such/page"]) {
      const [foreign, missing] = [await answer(page, `/w/${OTHER}${rest}`, OTHER), await answer(page, `/w/nowhere${rest}`, "nowhere")];
      expect(foreign.status, rest).toBe(404);
      expect(foreign, rest).toEqual(missing);
    }
    // Their campaign under one's own workspace.
    const [foreign, missing] = [await answer(page, `/w/demo/campaigns/${id}`, id), await answer(page, `/w/demo/campaigns/${nobodys}`, nobodys)];
    expect(foreign.status).toBe(404);
    expect(foreign).toEqual(missing);
    await page.goto(`/w/${OTHER}`);
    await hydrated(page);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Page not found");
    await expect(page.getByText("There is nothing here, or it is not open to you.")).toBeVisible();
    await expect(page.getByRole("link", { name: "Go to the start" })).toBeVisible();
    await expectAccessible(page);
    await page.setViewportSize({ width: 320, height: 900 });
    await expectNoSidewaysScroll(page);
    await page.setViewportSize({ width: 1440, height: 900 });

    // Their sender in a form of one's own.
    const name = "With a borrowed name";
    const campaign = await draft(page, { name });
    await page.goto(`${campaign}/edit/2`);
    await hydrated(page);
    await page.getByLabel("Message", { exact: true }).fill("Another text.");
    await page.locator("#field-sender option:checked").evaluate((option: HTMLOptionElement, id) => (option.value = id), sender);
    await page.getByRole("button", { name: "Save and continue" }).click();
    await expect(page.getByLabel("Sender", { exact: true })).toHaveAccessibleDescription(/Choose one of the approved senders\./);
    await page.reload();
    await hydrated(page);
    await expect(page.getByLabel("Message", { exact: true })).toHaveValue("Another text.");
    await expect(page.locator("#field-sender option:checked")).toHaveText(/DEMO/);
  });
});

test.describe("a decision on what has changed", () => {
  test.use({ expectedConsole: [/status of 409/] });

  test("is refused to one who saw the old version, and to one who comes second", async ({ person }) => {
    const name = "Edited in between";
    const author = await person("Ada Author");
    const campaign = await submitted(author, { name });
    const [max, ana] = [await person("Max Moderator"), await person("Ana Admin")];
    for (const page of [max, ana]) {
      await page.goto("/w/demo/moderation");
      await hydrated(page);
      await expect(page.getByRole("link", { name })).toBeVisible();
      await page.getByRole("button", { name: "Hold still" }).click();
    }
    await author.goto(`${campaign}/edit/2`);
    await hydrated(author);
    await author.getByLabel("Message", { exact: true }).fill("Something else altogether.");
    await author.getByRole("button", { name: "Save and continue" }).click();
    await author.waitForURL(/edit\/3$/);

    const decide = async (page: Page) => {
      await page.getByRole("row").filter({ hasText: name }).getByRole("button", { name: /^Approve/ }).click();
      await page.getByRole("dialog").getByRole("button", { name: /^Approve version/ }).click();
    };
    const refusal = (page: Page) => page.getByRole("row").filter({ hasText: name }).getByRole("alert");
    await decide(max);
    await expect(refusal(max)).toContainText(
      "The campaign was changed since you opened it (you saw version 1, it is now 2); look at it again.",
    );
    await expectAccessible(max);
    await author.goto(campaign);
    await expect(author.getByText("Waits for a moderator's decision. Nothing is sent before.")).toBeVisible();

    // Having looked again, Max approves; Ana, whose page is older still, is told who was faster.
    await max.getByRole("button", { name: "Got it" }).click();
    await max.getByRole("button", { name: "Follow changes" }).click();
    await expect(max.getByRole("row").filter({ hasText: name })).toContainText("version 2");
    await decide(max);
    await expect(max.getByText(`“${name}” was approved.`)).toBeVisible();
    await decide(ana);
    await expect(refusal(ana)).toContainText(/approved by Max Moderator at \d{4}-\d\d-\d\d \d\d:\d\d/i);
    await ana.getByRole("button", { name: "Got it" }).click();
    await expect(ana.getByRole("row").filter({ hasText: name })).toHaveCount(0);
    await author.goto(campaign);
    await hydrated(author);
    await expect(author.getByText("Something else altogether.").first()).toBeVisible();
    await expect(author.getByText("Every recipient has a final state.")).toBeVisible({ timeout: 20_000 });
  });
});

test.describe("a start that cannot be", () => {
  test.use({ expectedConsole: [/status of 422/] });

  test("is refused with the time it is, and the rest of the step is kept", async ({ person }) => {
    const page = await person("Ada Author");
    await page.goto("/w/demo/campaigns/new");
    await hydrated(page);
    await page.locator("label").filter({ hasText: "Scheduled" }).click();
    await page.getByRole("button", { name: "Continue" }).click();
    await page.waitForURL(/edit\/2$/);
    await hydrated(page);
    await page.getByLabel("Name of the campaign").fill("Yesterday's news");
    await page.getByLabel("Sender", { exact: true }).selectOption({ index: 1 });
    await page.getByLabel("Message", { exact: true }).fill("It was yesterday.");
    const start = page.getByLabel("Start", { exact: true });
    // The browser offers no time that has passed; whoever sends one all the same gets the server's answer.
    await expect(start).toHaveAttribute("min", /^\d{4}-\d\d-\d\dT\d\d:\d\d$/);
    await page.evaluate(() => [...document.forms].forEach((form) => (form.noValidate = true)));
    for (const [typed, said] of [
      ["2020-02-03T10:00", /^2020-02-03 10:00 \+01:00 has passed; in Europe\/Vienna it is \d{4}-\d\d-\d\d \d\d:\d\d/],
      ["2037-03-29T02:30", /^2037-03-29 02:30 does not exist: on that day the clocks in Europe\/Vienna go from 02:00 to 03:00/],
      ["", /^Set the date and time of the start\./],
    ] as const) {
      await start.fill(typed);
      await page.getByRole("button", { name: "Save and continue" }).click();
      await expect(start).toHaveAccessibleDescription(said);
    }
    await expectAccessible(page);
    await page.reload();
    await hydrated(page);
    await expect(page.getByLabel("Name of the campaign")).toHaveValue("Yesterday's news");
    await expect(page.getByLabel("Message", { exact: true })).toHaveValue("It was yesterday.");
    await start.fill("2037-03-29T03:30");
    await page.getByRole("button", { name: "Save and continue" }).click();
    await page.waitForURL(/edit\/3$/);
  });
});
