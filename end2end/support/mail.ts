// A mail server that keeps what it gets, and can be told to refuse or to hang up.
import PostalMime from "postal-mime";
import { SMTPServer } from "smtp-server";

export interface Mail {
  to: string;
  subject: string;
  text: string;
  messageId: string;
}

/** How it answers: takes mails, refuses them for now (450) or for good (550), or hangs up on whoever calls. */
export type Manner = "accept" | "later" | "never" | "hang-up";

export interface Mailbox {
  port: number;
  /** What it took so far. */
  mails: Mail[];
  behave(manner: Manner): void;
  /** The first mail to this address, whenever it comes. */
  to(address: string, subject?: RegExp): Promise<Mail>;
  stop(): Promise<void>;
}

const refusal = (responseCode: number, text: string) => Object.assign(new Error(text), { responseCode });

/** On a free port unless one is given, so that it can come back where it was. */
export async function mailbox(port = 0): Promise<Mailbox> {
  const mails: Mail[] = [];
  let manner: Manner = "accept";
  const server = new SMTPServer({
    authOptional: true,
    hideSTARTTLS: true,
    disabledCommands: ["AUTH"],
    disableReverseLookup: true,
    onConnect: (_session, done) => done(manner === "hang-up" ? refusal(421, "not now") : undefined),
    onRcptTo: (_address, _session, done) => {
      if (manner === "later") return done(refusal(450, "try again later"));
      if (manner === "never") return done(refusal(550, "no such mailbox"));
      return done();
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", async () => {
        const parsed = await PostalMime.parse(Buffer.concat(chunks));
        mails.push({
          to: session.envelope.rcptTo[0]!.address,
          subject: parsed.subject ?? "",
          text: parsed.text ?? "",
          messageId: parsed.messageId ?? "",
        });
        done();
      });
    },
  });
  server.on("error", () => {});
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", () => resolve()));
  const listening = server.server.address() as { port: number };
  return {
    port: listening.port,
    mails,
    behave: (next) => (manner = next),
    to: async (address, subject = /.*/) => {
      const deadline = Date.now() + 60_000;
      while (Date.now() < deadline) {
        const mail = mails.find((mail) => mail.to === address && subject.test(mail.subject));
        if (mail) return mail;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      throw new Error(`no mail to ${address}; there are: ${mails.map((mail) => `${mail.to} ${mail.subject}`).join(", ")}`);
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** The `[mail]` section of a server that sends to such a mailbox. */
export function mailTo(port: number): string {
  return `[mail]
host = "127.0.0.1"
port = ${port}
tls = "none"
from = "Message Center <sms@demo.example>"
timeout_s = 5
`;
}

/** The link in a mail. */
export function linkIn(mail: Mail): string {
  const link = /https?:\/\/\S+/.exec(mail.text)?.[0];
  if (!link) throw new Error(`no link in: ${mail.text}`);
  return link;
}
