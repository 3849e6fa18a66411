// An SMSC on node-smpp; with the files KEY CERTIFICATE [CA] as arguments over TLS, with CA over mutual TLS. Prints its port, then one JSON line per event; ends when its standard input does.
// Answers by the last digit of the destination: 7 refuses (0x0B), 8 throttles once and then accepts, 9 sends the receipt
// before the response; everything else is accepted and gets its receipt afterwards.
'use strict';
const fs = require('node:fs');
const smpp = require('smpp');

const [key, cert, ca] = process.argv.slice(2).map((file) => fs.readFileSync(file));
const options = key ? { key, cert, ca, requestCert: Boolean(ca), rejectUnauthorized: Boolean(ca) } : {};

const say = (event) => process.stdout.write(JSON.stringify(event) + '\n');
const throttled = new Set();
let lastId = 0xabc0;

function receipt(session, pdu, id) {
  session.deliver_sm(
    {
      esm_class: 0x04,
      source_addr: pdu.destination_addr,
      destination_addr: pdu.source_addr,
      short_message: `id:${id} sub:001 dlvrd:001 submit date:2611202034 done date:2611202034 stat:DELIVRD err:000 text:`,
      receipted_message_id: id,
      message_state: 2,
    },
    (response) => say({ event: 'receipt_acknowledged', id, command_status: response.command_status }),
  );
}

const server = smpp.createServer(options, (session) => {
  session.on('bind_transceiver', (pdu) => {
    say({ event: 'bind', system_id: pdu.system_id, password: pdu.password });
    session.send(pdu.response(pdu.password === 'right' ? {} : { command_status: smpp.ESME_RINVPASWD }));
  });
  session.on('submit_sm', (pdu) => {
    const { destination_addr: to, source_addr: from, esm_class, data_coding, short_message } = pdu;
    const text = short_message.message;
    const parts = short_message.udh ? Array.from(short_message.udh[0]) : null;
    if (to.endsWith('7')) {
      session.send(pdu.response({ command_status: smpp.ESME_RINVDSTADR }));
      return;
    }
    if (to.endsWith('8') && !throttled.has(to)) {
      throttled.add(to);
      session.send(pdu.response({ command_status: smpp.ESME_RTHROTTLED }));
      return;
    }
    const id = (++lastId).toString(16);
    say({ event: 'submit', to, from, esm_class, data_coding, text, parts, id });
    const early = to.endsWith('9');
    if (early) receipt(session, pdu, id);
    session.send(pdu.response({ message_id: id }));
    if (!early) receipt(session, pdu, id);
  });
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => {
    say({ event: 'unbind' });
    session.send(pdu.response());
    session.close();
  });
  session.on('error', (error) => say({ event: 'error', message: String(error) }));
});

// A client without a certificate, or one that does not trust ours: the tests are about that.
server.on('tlsClientError', () => say({ event: 'refused' }));
server.listen(0, '127.0.0.1', () => say({ event: 'listening', port: server.address().port }));
process.stdin.on('end', () => process.exit(0)).resume();
