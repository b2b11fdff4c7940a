// A server made with npm's fastmcp that answers one call from memory.
//
//   NPM=folder/ node fastmcp_npm.mjs stdio|http
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { FastMCP } = createRequire(process.env.NPM)('fastmcp');
const answer = readFileSync(new URL('answer.json', import.meta.url), 'utf8');

const server = new FastMCP({ name: 'fastmcp', version: '1.0.0' });
server.addTool({ name: 'get_cluster', description: 'One cluster.', execute: async () => answer });
server.start(process.argv[2] === 'stdio'
  ? { transportType: 'stdio' }
  : { transportType: 'httpStream', httpStream: { port: 1 } });
