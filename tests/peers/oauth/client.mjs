// An assistant's way in, by the official TypeScript SDK of either generation, of
// which the second holds the issuer to its name: the server says 401,
// the SDK finds the authorization server, registers itself, sends its user
// there (the script plays the user: logs in, consents), gets a token with PKCE,
// and calls a tool. When a call lacks a scope it goes that way again.
//
//   node client.mjs v1|v2 http://127.0.0.1:3000/mcp list_postgres_clusters '{}' [ID]
//
// With ID the client is registered already. Prints what happened as one line of
// JSON.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(process.env.NODE_PATH + '/');
const load = (name) => import(pathToFileURL(require.resolve(name)));
const [sdk, url, tool, argumentsJson, clientId] = process.argv.slice(2);
const { Client, StreamableHTTPClientTransport, UnauthorizedError } = sdk === 'v2'
  ? await load('@modelcontextprotocol/client')
  : {
    ...await load('@modelcontextprotocol/sdk/client/index.js'),
    ...await load('@modelcontextprotocol/sdk/client/streamableHttp.js'),
    ...await load('@modelcontextprotocol/sdk/client/auth.js'),
  };
const redirect = 'http://127.0.0.1:9/callback';

// A browser with cookies that fills in the two forms of the provider.
class Browser {
  cookies = new Map();

  async go(address, form) {
    const response = await fetch(address, {
      method: form ? 'POST' : 'GET',
      redirect: 'manual',
      headers: {
        cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
      },
      body: form ? new URLSearchParams(form) : undefined,
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
      this.cookies.set(name, value);
    }
    return response;
  }

  // Follows the way until it leads back to the client; returns that address.
  async authorize(start) {
    let address = start;
    let form;
    for (let step = 0; step < 20; step += 1) {
      const response = await this.go(address, form);
      form = undefined;
      const location = response.headers.get('location');
      if (location) {
        const next = new URL(location, address);
        if (next.href.startsWith(redirect)) return next;
        address = next.href;
        continue;
      }
      const page = await response.text();
      const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
      if (!prompt) throw new Error(`no form at ${address}: ${page.slice(0, 500)}`);
      address = new URL(/action="([^"]+)"/.exec(page)[1], address).href;
      form = prompt === 'login' ? { prompt, login: 'ada', password: 'x' } : { prompt };
    }
    throw new Error('the way does not end');
  }
}

const log = { registered: 0, asked: [] };
const browser = new Browser();
const stored = clientId ? { client: { client_id: clientId } } : {};
let callback;
const provider = {
  get redirectUrl() { return redirect; },
  get clientMetadata() {
    return {
      client_name: 'test', redirect_uris: [redirect], token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'],
    };
  },
  clientInformation: () => stored.client,
  saveClientInformation: (client) => {
    log.registered += client.client_id === clientId ? 0 : 1;
    stored.client = client;
  },
  tokens: () => stored.tokens,
  saveTokens: (tokens) => { stored.tokens = tokens; },
  saveCodeVerifier: (verifier) => { stored.verifier = verifier; },
  codeVerifier: () => stored.verifier,
  saveDiscoveryState: (state) => { stored.discovery = state; },
  discoveryState: () => stored.discovery,
  redirectToAuthorization: async (address) => {
    log.asked.push({
      scope: address.searchParams.get('scope'),
      resource: address.searchParams.get('resource'),
      pkce: address.searchParams.get('code_challenge_method'),
    });
    callback = await browser.authorize(address.href);
  },
};

let transport;
async function connect() {
  transport = new StreamableHTTPClientTransport(new URL(url), { authProvider: provider });
  const client = new Client({ name: 'test', version: '1' }, { capabilities: {} });
  await client.connect(transport);
  return client;
}

async function withLogin(work) {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof UnauthorizedError)) throw error;
      const parameters = callback.searchParams;
      if (!parameters.has('code')) throw new Error(callback.href);
      await transport.finishAuth(parameters.get('code'), parameters.get('iss') ?? undefined);
    }
  }
  throw new Error('no way in');
}

const client = await withLogin(connect);
log.tools = (await client.listTools()).tools.map((one) => one.name);
log.result = await withLogin(() => client.callTool({
  name: tool, arguments: JSON.parse(argumentsJson),
}));
log.toolsAfter = (await client.listTools()).tools.map((one) => one.name);
console.log(JSON.stringify(log));
await client.close();
