// When and how much a workspace sends, and pausing everything.
import { go, looked } from "../support/look";
import { type Person, expect, test } from "../support/people";
import { startServer } from "../support/server";

test.use({ expectedConsole: [/status of (409|422)/] });

test("an admin sets the hours of the week and a limit, and pauses everything", async ({ person, afterwards }) => {
  test.setTimeout(180_000);
  const server = await startServer(["--demo"]);
  afterwards(server.stop);
  const signedIn = (name: Person) => person(name, { server });
  const admin = await signedIn("Ana Admin");
  await go(admin, "/w/demo/settings");
  const hours = admin.getByRole("region", { name: "Sending hours and daily limit" });
  const set = hours.getByRole("button", { name: "Set the hours" });
  await hours.getByText("The same hours every day", { exact: true }).click();
  const every = hours.getByRole("group", { name: "Every day" });
  await every.getByLabel("From").fill("20:00");
  await every.getByLabel("To").fill("09:00");
  await set.click();
  await expect(every.getByLabel("To")).toHaveAccessibleDescription(/after the beginning/);
  await looked(admin, "settings");
  await hours.getByText("Hours of each weekday", { exact: true }).click();
  for (const day of ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]) {
    const fields = hours.getByRole("group", { name: day });
    await fields.getByLabel("From").fill("09:00");
    await fields.getByLabel("To").fill(day === "Friday" ? "00:00" : "20:00");
  }
  await hours.getByLabel("Messages a day at most").fill("5000");
  await looked(admin, "settings-hours");
  await set.click();
  await expect(admin.getByText("The hours are saved.", { exact: false })).toBeVisible();
  await admin.reload();
  await expect(hours.getByRole("group", { name: "Friday" }).getByLabel("To")).toHaveValue("00:00");
  await expect(hours.getByRole("group", { name: "Sunday" }).getByLabel("From")).toHaveValue("");
  await expect(hours.getByLabel("Messages a day at most")).toHaveValue("5000");

  const author = await signedIn("Ada Author");
  await go(author, "/w/demo/campaigns/new");
  await author.getByText("Spread", { exact: true }).click();
  await author.getByRole("button", { name: "Continue" }).click();
  await expect(author.getByText("Monday to Thursday 09:00–20:00, Friday 09:00–24:00", { exact: false })).toBeVisible();

  const hold = admin.getByRole("region", { name: "Pause everything" });
  await hold.getByLabel("Why everything is paused").fill(" ");
  await hold.getByRole("button", { name: "Pause everything" }).click();
  await expect(hold.getByLabel("Why everything is paused")).toHaveAccessibleDescription(/say why/i);
  await hold.getByLabel("Why everything is paused").fill("Wrong price in a message");
  await hold.getByRole("button", { name: "Pause everything" }).click();
  await expect(hold.getByRole("button", { name: "Let everything go on" })).toBeVisible();
  await looked(admin, "settings-held");
  await go(author, "/w/demo");
  await expect(author.getByText(/Everything in this workspace is paused, since .* by Ana Admin: Wrong price in a message/)).toBeVisible();
  await looked(author, "overview-held");
  await hold.getByRole("button", { name: "Let everything go on" }).click();
  await expect(hold.getByRole("button", { name: "Pause everything" })).toBeVisible();
  await author.reload();
  await expect(author.getByText(/is paused, since/)).toBeHidden();
});
