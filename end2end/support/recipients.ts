// A file of recipients as people have them, the same at every run, and what has to become of its lines.

export interface RecipientFile {
  bytes: Buffer;
  /** Numbers as the SMSC gets them, without +; in the order of the file. */
  recipients: string[];
  duplicates: number;
  /** The reason by the line, which counts from 1 with the header. */
  rejects: Map<number, string>;
}

/** mulberry32: small, and equal on every machine. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** How people write one Austrian number; `local` has seven digits. */
const SPELLINGS: ((local: string) => string)[] = [
  (local) => `+43670${local}`,
  (local) => `+43 670 ${local}`,
  (local) => `0043670${local}`,
  (local) => `0670/${local}`,
  (local) => `43670${local}`,
  (local) => `(0670) ${local.slice(0, 3)}-${local.slice(3)}`,
  (local) => `+43 (0)670 ${local.slice(0, 3)} ${local.slice(3)}`,
  (local) => `"+43.670.${local}"`,
];

const NAMES = ["Anna", "Bert", "Jörg", "Ça va", '"Huber; Maria"', '"Jo ""the boss"" Li"', "Zoë", ""];
const CITIES = ["Wien", "Graz", "Linz", "St. Pölten"];

/** Lines that are no recipients, with what the report says of them. */
const BAD: [line: string | Buffer, reason: string][] = [
  ["Nora;no number;Wien", "contains something other than digits, spaces and the signs + - . ( ) /"],
  ["Empty;;Wien", "there is no number on this line"],
  ["Short;12345;Wien", "has fewer than 8 digits with the country code; write the whole number"],
  ["Long;+4367012345678901234;Wien", "has more than 15 digits; check for two numbers on one line"],
  ["Two;+436701234567 +436707654321;Wien", "the + has to stand in front of the digits, and once; one number belongs on a line"],
  ["Nowhere;+999 670 1234567;Wien", "starts with a country code that is not in use; check the digits after the + or 00"],
  ["Sheet;4.3670E+11;Wien", "was shortened by a spreadsheet; format the column as text and export the file again"],
  ["Lonely", "the line has fewer columns than the header"],
  ["Comma;+436701234567;Wien;Austria", "the line has more columns than the header; put text that contains the separator in quotes"],
  [Buffer.from("J\xf6rg;+436701234567;Wien", "latin1"), "the line is not UTF-8 text; save the file as UTF-8 and upload it again"],
];

/** UTF-8 with its mark, CRLF, a header, `count` recipients, and among them duplicates, bad lines and empty ones. */
export function recipientFile(count: number, seed = 2): RecipientFile {
  const next = random(seed);
  const pick = <T>(from: T[]): T => from[Math.floor(next() * from.length)]!;
  const pieces: Buffer[] = [Buffer.from("\uFEFFfirst_name;phone;city\r\n")];
  const recipients: string[] = [];
  const written: string[] = [];
  const rejects = new Map<number, string>();
  let duplicates = 0;
  let line = 1;
  const put = (text: string | Buffer) => {
    line += 1;
    pieces.push(Buffer.from(text as string), Buffer.from("\r\n"));
  };
  while (recipients.length < count) {
    const chance = next();
    if (chance < 0.012) {
      const [text, reason] = pick(BAD);
      put(text);
      rejects.set(line, reason);
    } else if (chance < 0.02 && written.length > 0) {
      put(pick(written));
      duplicates += 1;
    } else if (chance < 0.035 && recipients.length > 0) {
      put(`${pick(NAMES)};${pick(SPELLINGS)(pick(recipients).slice(-7))};${pick(CITIES)}`);
      duplicates += 1;
    } else if (chance < 0.036) {
      put("");
    } else {
      // 7,919 shares no factor with 10,000,000: no number comes twice.
      const local = String((recipients.length * 7_919) % 10_000_000).padStart(7, "0");
      const text = `${pick(NAMES)};${pick(SPELLINGS)(local)};${pick(CITIES)}`;
      recipients.push(`43670${local}`);
      written.push(text);
      put(text);
    }
  }
  return { bytes: Buffer.concat(pieces), recipients, duplicates, rejects };
}
