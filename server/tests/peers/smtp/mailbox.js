// A mail server on smtp-server. Prints its port, then one JSON line per event; ends when its standard input does.
//   node mailbox.js PORT [tls] [sign-in]   port 0: a free one; tls: only after STARTTLS; sign-in: only as sms / open sesame
// Answers by the first word of the address: "later" is refused with 450 once and then accepted, "never" with 550, "drop"
// loses its connection once in the middle of the mail; everything else is accepted.
'use strict';
const fs = require('fs');
const path = require('path');
const { SMTPServer } = require('smtp-server');

const [port = '0', ...options] = process.argv.slice(2);
const say = (event) => process.stdout.write(JSON.stringify(event) + '\n');
const refused = new Set();
const once = (address) => !refused.has(address) && refused.add(address);
const error = (responseCode, text) => Object.assign(new Error(text), { responseCode });
const pem = (name) => fs.readFileSync(path.join(__dirname, name));

async function heard(raw) {
  const { default: PostalMime } = await import('postal-mime');
  const mail = await PostalMime.parse(raw);
  const headers = Object.fromEntries(mail.headers.map(({ key, value }) => [key, value]));
  return { subject: mail.subject, text: mail.text, message_id: mail.messageId, headers };
}

const tls = options.includes('tls');
const server = new SMTPServer({
  ...(tls ? { key: pem('key.pem'), cert: pem('cert.pem') } : { hideSTARTTLS: true }),
  authOptional: !options.includes('sign-in'),
  disabledCommands: options.includes('sign-in') ? [] : ['AUTH'],
  disableReverseLookup: true,
  onAuth({ username, password }, session, done) {
    if (username === 'sms' && password === 'open sesame') return done(null, { user: username });
    say({ event: 'refused_sign_in' });
    return done(error(535, 'wrong password'));
  },
  onMailFrom(address, session, done) {
    done(tls && !session.secure ? error(530, 'STARTTLS first') : null);
  },
  onRcptTo({ address }, session, done) {
    if (address.startsWith('never')) {
      say({ event: 'refused', to: address });
      return done(error(550, `5.1.1 <${address}> no such mailbox`));
    }
    if (address.startsWith('later') && once(address)) {
      say({ event: 'refused', to: address });
      return done(error(450, `4.2.0 <${address}> try again later`));
    }
    return done();
  },
  onData(stream, session, done) {
    const [{ address: to }] = session.envelope.rcptTo;
    const chunks = [];
    stream.on('data', (chunk) => chunks.push(chunk));
    stream.on('end', async () => {
      const raw = Buffer.concat(chunks);
      const mail = { event: 'mail', to, from: session.envelope.mailFrom.address, secure: session.secure, ...(await heard(raw)) };
      if (to.startsWith('drop') && once(to)) {
        say({ ...mail, event: 'dropped' });
        for (const connection of server.connections) connection._socket.destroy();
        return;
      }
      say(mail);
      done();
    });
  },
});

server.on('error', (problem) => say({ event: 'error', message: String(problem) }));
server.listen(Number(port), '127.0.0.1', () => say({ event: 'listening', port: server.server.address().port }));
process.stdin.on('end', () => process.exit(0)).resume();
