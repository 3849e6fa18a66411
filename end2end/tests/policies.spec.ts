// Super admins make a policy and give it to a channel; authors read of it, and who is left out is counted by the reason.
import { approve, numbers, submitted } from "../support/campaign";
import { ROOT, expect, installation } from "../support/installation";
import { looked } from "../support/look";
import { hydrated } from "../support/test";

const test = installation();
test.use({ expectedConsole: [/status of 422/] });

test("a channel gets a policy, and whoever it leaves out gets nothing", async ({ signedIn, person, server }) => {
  test.setTimeout(120_000);
  const root = await signedIn(ROOT.email);
  await root.goto("/installation/presets");
  await expect(root.getByText("There is no preset")).toBeVisible();
  await looked(root, "presets-empty");
  await root.getByRole("link", { name: "New preset" }).first().click();
  await hydrated(root);
  await root.getByLabel("Name", { exact: true }).fill("Marketing");
  await root.getByLabel("Messages to a number a day").fill("2");
  await root.getByLabel("Messages to a number in seven days").fill("1");
  await root.getByRole("button", { name: "Add the preset" }).click();
  await expect(root.getByText(/Fewer messages in seven days than on one day/).first()).toBeVisible();
  await looked(root, "preset-new");
  await root.getByLabel("Messages to a number a day").fill("1");
  await root.getByLabel("Messages to a number in seven days").fill("3");
  await root.getByRole("button", { name: "Add the preset" }).click();
  await root.waitForURL("**/installation/presets");
  await expect(root.getByRole("row", { name: /Marketing/ })).toContainText("At most 1 message to a number a day");

  // Somebody is on the blacklist, and is found there.
  await root.goto("/installation/blacklist");
  await hydrated(root);
  const [first = "", ...others] = numbers(3);
  await root.locator("#field-numbers-add").fill("0660 1234567");
  await root.getByRole("button", { name: "Add", exact: true }).click();
  await expect(root.getByText(/Line 1: Does not say its country; write it with \+/)).toBeVisible();
  await root.locator("#field-numbers-add").fill(first);
  await root.getByRole("button", { name: "Add", exact: true }).click();
  await expect(root.getByText("1 number added.")).toBeVisible();
  await expect(root.locator("#field-numbers-add")).toHaveValue("");
  const list = root.getByRole("table", { name: "Numbers on the blacklist" });
  await expect(list.getByRole("row", { name: first.slice(-4) })).toContainText("•••");
  await root.getByLabel("Number", { exact: true }).fill(first);
  await root.getByRole("button", { name: "Find" }).click();
  await expect(root.getByText("This number is on the list")).toBeVisible();
  await looked(root, "blacklist");
  // More of them come as a file, each with its country.
  await root.getByLabel("A .txt or .csv file").setInputFiles({
    name: "complaints.csv",
    mimeType: "text/csv",
    buffer: Buffer.from("phone;name\n+43 664 5550001;Ann\n+43 664 5550002;Ben\n0664 5550003;Cy\n"),
  });
  await root.getByRole("button", { name: "Import", exact: true }).click();
  await expect(root.getByRole("table", { name: "Lines that are no numbers" })).toContainText("Does not say its country", { timeout: 20_000 });
  await root.reload();
  await hydrated(root);
  await expect(list.getByRole("row")).toHaveCount(4);
  await looked(root, "blacklist-import");

  // The channel keeps to it from now on.
  await root.goto("/installation/links/simulator");
  await hydrated(root);
  await root.getByLabel("Preset").selectOption({ label: "Marketing" });
  await root.getByRole("button", { name: "Save the policy" }).click();
  await expect(root.getByText("It holds from the next message on.")).toBeVisible();
  await looked(root, "link-policy");

  const author = await person("Ada Author", { server });
  const moderator = await person("Max Moderator", { server });
  for (const [name, outcome] of [["First", "blacklisted"], ["Second", "daily_cap"]] as const) {
    const campaign = await submitted(author, { name, recipients: 3, text: `${name} news` });
    await expect(author.getByText(/At most 1 message to a number a day/)).toBeVisible();
    if (name === "First") {
      await author.goto(`${campaign}/edit/2`);
      await hydrated(author);
      await expect(author.getByText(/Policy of this channel: At most 1 message to a number a day.*left out, and counted/)).toBeVisible();
      await looked(author, "wizard-policy");
    }
    await approve(moderator, campaign);
    await expect(async () => {
      await author.goto(`${campaign}?tab=message_errors`);
      await expect(author.getByText(outcome)).toBeVisible({ timeout: 500 });
    }).toPass({ timeout: 30_000 });
    if (outcome === "daily_cap") await looked(author, "policy-left-out");
  }
  expect(others).toHaveLength(2);

  // A pool of it keeps to it, too.
  await root.goto("/installation/pools/new");
  await hydrated(root);
  await root.getByLabel("Id", { exact: true }).fill("all");
  await root.getByLabel("Name", { exact: true }).fill("All of them");
  await root.locator('[name="weights[simulator]"]').fill("1");
  await root.getByRole("button", { name: "Add the pool" }).click();
  await root.waitForURL("**/installation/links");
  await root.goto("/installation/pools/all");
  await expect(root.getByText("At most 1 message to a number a day")).toBeVisible();
  await expect(root.getByText(/Presets of its links hold for the whole pool.*Marketing \(of simulator\)/)).toBeVisible();
  await looked(root, "pool-policy");

  // In use, it is deleted after a question that says so.
  await root.goto("/installation/presets");
  await root.getByRole("link", { name: "Marketing" }).click();
  await hydrated(root);
  await root.getByRole("button", { name: "Delete" }).first().click();
  await expect(root.getByRole("dialog")).toContainText("simulator will have no policy");
  await root.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await root.waitForURL("**/installation/presets");
  await expect(root.getByText("There is no preset")).toBeVisible();
});
