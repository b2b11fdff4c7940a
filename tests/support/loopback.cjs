// A preload for other people's Node servers, which listen on all interfaces: they
// listen on 127.0.0.1 and a free port, and write it to $LOOPBACK_PORT_FILE.
//
//   NODE_OPTIONS="--require …/loopback.cjs" LOOPBACK_PORT_FILE=/tmp/x/port supergateway …
'use strict';
const fs = require('node:fs');
const net = require('node:net');

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (...args) {
  const callback = args.find((arg) => typeof arg === 'function');
  const file = process.env.LOOPBACK_PORT_FILE;
  this.once('listening', () => {
    // Renamed into place, so that no reader sees half of it.
    fs.writeFileSync(`${file}.new`, String(this.address().port));
    fs.renameSync(`${file}.new`, file);
  });
  return listen.call(this, { host: '127.0.0.1', port: 0 }, callback);
};
