// The archive of somebody who left: an admin of two workspaces restores a campaign into the other one.
import { submitted } from "../support/campaign";
import { OTHER, ROOT, expect, installation } from "../support/installation";
import { go, looked } from "../support/look";
import { hydrated } from "../support/test";

const test = installation();

// Ada's open page learns that she was blocked.
test.use({ expectedConsole: [/status of 401/] });

test("a campaign whose author is gone goes on in another workspace", async ({ person, signedIn }) => {
  test.setTimeout(180_000);
  const author = await person("Ada Author");
  const campaign = await submitted(author, { name: "Left behind", recipients: 5 });
  await go(author, campaign);
  await author.getByRole("button", { name: "Archive" }).click();
  await author.getByRole("dialog").getByRole("button", { name: "Archive" }).click();
  await expect(author.getByText("The campaign was archived.")).toBeVisible();

  // Ada leaves; a super admin rules both workspaces.
  const rita = await signedIn(ROOT.email);
  await go(rita, "/installation/users");
  await rita.getByRole("link", { name: "Ada Author" }).click();
  await rita.waitForURL(/\/installation\/users\/[0-9a-f-]{36}$/);
  await hydrated(rita);
  await rita.getByRole("button", { name: "Block the account" }).click();
  await rita.getByRole("dialog").getByRole("button", { name: "Block", exact: true }).click();
  await expect(rita.getByText("Blocked", { exact: true })).toBeVisible();

  await go(rita, campaign);
  await rita.getByRole("button", { name: "Restore" }).click();
  const dialog = rita.getByRole("dialog");
  await expect(dialog).toContainText("Its author is not active in this workspace any more.");
  await dialog.getByLabel("Workspace").selectOption({ label: OTHER.name });
  await dialog.getByRole("button", { name: "Restore" }).click();
  await rita.waitForURL(new RegExp(`/w/${OTHER.slug}/campaigns/[0-9a-f-]{36}$`));
  const copy = new URL(rita.url()).pathname;
  await expect(rita.getByRole("heading", { level: 1 })).toHaveText("Left behind");
  await go(rita, `${copy}/edit/2`);
  await expect(rita.getByText("is not approved here any more").first()).toBeVisible();

  await go(rita, campaign);
  await expect(rita.getByText("Restored elsewhere")).toBeVisible();
  await expect(rita.getByRole("link", { name: OTHER.name }).first()).toHaveAttribute("href", copy);
  await expect(rita.getByRole("button", { name: "Restore" })).toBeHidden();
  await looked(rita, "campaign-tombstone");

  // Who is not in the other workspace learns that it went, and not where.
  const admin = await person("Ana Admin");
  await go(admin, campaign);
  await expect(admin.getByText("another workspace").first()).toBeVisible();
  await expect(admin.getByText(OTHER.name)).toBeHidden();
});
