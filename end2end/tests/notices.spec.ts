// People are told what waits for them and what became of theirs: in the header, in a list, and by mail if they like.
import { submitted } from "../support/campaign";
import { ROOT, expect, installation } from "../support/installation";
import { looked } from "../support/look";
import { type Mailbox, linkIn, mailTo, mailbox } from "../support/mail";
import { address } from "../support/people";
import { hydrated } from "../support/test";

let box: Promise<Mailbox> | undefined;
const mails = () => (box ??= mailbox());

const test = installation(async () => mailTo((await mails()).port));

test("a submission reaches the moderator and its decision the author, in the header and by mail", async ({ person, signedIn }) => {
  test.setTimeout(150_000);
  const name = "Told about";
  const [author, moderator] = [await person("Ada Author"), await person("Max Moderator")];
  await moderator.goto("/notices");
  await expect(moderator.getByText("Nothing to tell you")).toBeVisible();
  await looked(moderator, "notices-empty");
  await moderator.goto("/w/demo");
  await hydrated(moderator);

  const campaign = await submitted(author, { name });
  // The page that is open finds out by itself.
  await expect(moderator.getByText("1 unread notice")).toBeAttached({ timeout: 30_000 });
  await moderator.getByRole("link", { name: "Notices" }).click();
  const waits = moderator.getByRole("link", { name: `The campaign “${name}” by Ada Author waits for a decision` });
  await expect(waits).toBeVisible();
  await looked(moderator, "notices-one");
  const asked = await (await mails()).to(address("Max Moderator"));
  expect(asked.subject).toContain(name);
  expect(new URL(linkIn(asked)).pathname).toBe(campaign);

  // The server is slower than the browser: the list is gone when it answers, and the header is told all the same.
  const isOpen = (url: URL) => url.pathname === campaign;
  await moderator.route("**/api/notices/read_notice*", async (route) => {
    await moderator.waitForURL(isOpen);
    await expect(moderator.getByRole("heading", { name, level: 1 })).toBeVisible();
    await route.continue();
  });
  await waits.click();
  await moderator.waitForURL(isOpen);
  await hydrated(moderator);
  await expect(moderator.getByText("1 unread notice")).toHaveCount(0);
  await moderator.getByRole("button", { name: /^Reject/ }).first().click();
  await moderator.getByRole("dialog").getByLabel("What has to change").fill("Say until when.");
  await moderator.getByRole("dialog").getByRole("button", { name: /^Reject version/ }).click();
  await expect(moderator.getByText("The campaign was rejected.")).toBeVisible();
  // What waited does not wait any more.
  await moderator.goto("/notices");
  await hydrated(moderator);
  await expect(moderator.getByText("Nothing to tell you")).toBeVisible();

  await author.goto("/notices");
  await hydrated(author);
  const decided = author.getByRole("listitem").filter({ hasText: `Max Moderator rejected the campaign “${name}”` });
  await expect(decided).toContainText("Say until when.");
  await expect(decided.getByText("New", { exact: true })).toBeVisible();
  await looked(author, "notices-decided");
  const answer = await (await mails()).to(address("Ada Author"));
  expect(answer.subject).toBe(`Max Moderator rejected the campaign “${name}”`);
  expect(answer.text).toContain("Say until when.");
  await decided.getByRole("button", { name: "Mark as read" }).click();
  await expect(decided.getByText("New", { exact: true })).toHaveCount(0);
  await expect(decided.getByRole("link"), "the focus stays in the row").toBeFocused();

  // The author wants no more of these mails.
  await author.getByRole("link", { name: "Mails about notices" }).click();
  await author.waitForURL(/\/account\/notices$/);
  await hydrated(author);
  await looked(author, "notices-mails");
  await author.getByLabel("What you submitted was decided").uncheck();
  await author.getByRole("button", { name: "Save" }).click();
  await expect(author.getByText("Your choice is saved.")).toBeVisible();
  await author.reload();
  await expect(author.getByLabel("What you submitted was decided")).not.toBeChecked();
  await expect(author.getByLabel("Something waits for your decision")).toBeChecked();

  const second = await submitted(author, { name: "Told about again" });
  await moderator.goto(second);
  await hydrated(moderator);
  await moderator.getByRole("button", { name: /^Approve/ }).first().click();
  await moderator.getByRole("dialog").getByRole("button", { name: /^Approve version/ }).click();
  await expect(moderator.getByText("The campaign was approved.")).toBeVisible();
  await author.goto("/notices");
  await hydrated(author);
  await expect(author.getByRole("link", { name: "Max Moderator approved the campaign “Told about again”" })).toBeVisible();
  await looked(author, "notices-two");
  await author.getByRole("button", { name: "Mark all as read" }).click();
  await expect(author.getByText("New", { exact: true })).toHaveCount(0);

  // A mail that was put in later has come, and none of the decision before it.
  const root = await signedIn(ROOT.email);
  await root.goto("/installation/mail");
  await hydrated(root);
  await root.getByRole("button", { name: "Send a test mail to myself" }).click();
  await (await mails()).to(ROOT.email);
  expect((await mails()).mails.filter((mail) => mail.to === address("Ada Author"))).toHaveLength(1);
});
