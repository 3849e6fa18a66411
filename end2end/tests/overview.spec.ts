// The overview after something was sent, its files, the campaign list by keyboard and address, and the usage of a month.
import { approve, submitted } from "../support/campaign";
import { go, looked } from "../support/look";
import { type Person, expect, test } from "../support/people";
import { startServer } from "../support/server";

test("the overview says what was sent, as charts, tables and files", async ({ person, afterwards }) => {
  test.setTimeout(180_000);
  // Of its own: it counts.
  const server = await startServer(["--demo"]);
  afterwards(async () => {
    if (process.env.MC_TELL) console.log(server.log().slice(-3000));
    await server.stop();
  });
  const signedIn = (name: Person) => person(name, { server });
  const author = await signedIn("Ada Author");
  const campaign = await submitted(author, { name: "Counted", recipients: 40 });
  const moderator = await signedIn("Max Moderator");
  await approve(moderator, campaign);
  await go(author, campaign);
  await expect(author.getByText("Done", { exact: true }).first()).toBeVisible({ timeout: 60_000 });

  await go(author, "/w/demo");
  const funnel = author.getByRole("region", { name: "Campaigns by status" });
  await expect(funnel.getByRole("link", { name: /^1 done/ })).toBeVisible();
  // The fold writes the hour's figures within seconds; the page asks for them again after a reload.
  await expect(async () => {
    await author.reload();
    await expect(author.getByRole("img", { name: /In the last 24 hours 40 messages sent, \d+ failed/ })).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 60_000 });
  await expect(author.getByRole("row", { name: /Ada Author 1 40/ })).toBeVisible();
  await looked(author, "overview-sent");

  const hours = author.getByRole("region", { name: "Last 24 hours" });
  await hours.getByText("The figures as a table").click();
  await expect(hours.getByRole("row")).toHaveCount(25);
  await looked(author);
  for (const [file, line] of [
    ["hours", /,40,\d+,40\r\n/],
    ["statuses", /^Done,1\r$/m],
    ["recipients", /^Delivered,0\r$/m],
    ["authors", /^Ada Author,1,40,\d+\r$/m],
  ] as const) {
    const answer = await author.request.get(`/w/demo/overview/${file}.csv`);
    expect(answer.headers()["content-type"]).toBe("text/csv; charset=utf-8");
    expect(await answer.text(), file).toMatch(line);
  }

  const admin = await signedIn("Ana Admin");
  await go(admin, "/w/demo/settings");
  await admin.getByRole("link", { name: "By month and sender" }).click();
  await expect(admin.getByRole("heading", { level: 1 })).toHaveText("Usage");
  await expect(admin.getByRole("row", { name: /In all 1 40/ })).toBeVisible();
  await looked(admin, "usage");
  await admin.getByRole("link", { name: "Month before" }).click();
  await expect(admin.getByText("Nothing was sent in this month")).toBeVisible();
  expect(new URL(admin.url()).searchParams.get("month")).toMatch(/^\d{4}-\d{2}$/);
  await looked(admin);
  expect((await author.request.get("/w/demo/settings/usage.csv")).status()).toBe(403);
  const csv = await admin.request.get("/w/demo/settings/usage.csv");
  expect(await csv.text()).toMatch(/,1,40,\d+,\d+,40,\d+,\d+\r\n$/);
});

test("the campaign list is read by keyboard, and its address says what it shows", async ({ person }) => {
  test.setTimeout(120_000);
  const author = await person("Ada Author");
  for (const name of ["Keys one", "Keys two"]) await submitted(author, { name });
  await go(author, "/w/demo/campaigns?search=keys");
  const links = author.locator("tbody th a");
  await expect(links).toHaveText(["Keys two", "Keys one"]);
  await author.keyboard.press("j");
  await expect(links.nth(0)).toBeFocused();
  await author.keyboard.press("j");
  await expect(links.nth(1)).toBeFocused();
  await author.keyboard.press("k");
  await expect(links.nth(0)).toBeFocused();
  await author.keyboard.press("/");
  const search = author.getByLabel("Name, sender or id");
  await expect(search).toBeFocused();
  // In a field they are letters.
  await author.keyboard.press("End");
  await author.keyboard.type(" one j");
  await expect(search).toHaveValue("keys one j");
  await search.fill("keys one");
  await author.keyboard.press("Enter");
  await expect(links).toHaveText(["Keys one"]);
  expect(new URL(author.url()).searchParams.get("search")).toBe("keys one");
  await author.goBack();
  await expect(links).toHaveText(["Keys two", "Keys one"]);
  await looked(author);
});
