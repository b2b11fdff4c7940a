// A real OpenID provider (npm oidc-provider) for the tests of authorization.
//
//   node provider.mjs '{"port":0,"keys":"/tmp/x/first.json","resource":"…"}'
//
// Prints one line of JSON when it listens. `keys` names a file with the private
// keys; a missing one is made. Starting it again on the same port with another
// file is a rotation. "hideRegistration": clients register at /reg as before, but
// the metadata does not say so; "nameless": answers do not name the issuer (RFC
// 9207), as many providers' do not. Beside the provider's own addresses there is one for the
// tests alone: POST /test/sign {"header":{…},"claims":{…}} signs whatever it is
// given with the provider's key.
import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(process.env.NODE_PATH + '/');
const { default: Provider } = await import(pathToFileURL(require.resolve('oidc-provider')));

const options = JSON.parse(process.argv[2]);

function keysOf(file) {
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const kid = `k${Date.now()}`;
    writeFileSync(file, JSON.stringify(
      { keys: [{ ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' }] }));
  }
  return JSON.parse(readFileSync(file, 'utf8'));
}

const jwks = keysOf(options.keys);
const scopes = 'howdah:read howdah:write howdah:admin howdah:secrets';

function resourceServer(resource) {
  return {
    scope: scopes,
    audience: resource,
    accessTokenTTL: options.ttl ?? 300,
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: 'RS256' } },
  };
}

function configuration() {
  return {
    jwks,
    clients: [{
      client_id: 'service',
      client_secret: 'service-secret',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    }, {
      client_id: 'registered before',
      token_endpoint_auth_method: 'none',
      application_type: 'native',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: ['http://127.0.0.1:9/callback'],
      response_types: ['code'],
    }],
    cookies: { keys: ['only for tests'] },
    pkce: { required: () => true },
    scopes: ['openid', 'offline_access', ...scopes.split(' ')],
    findAccount: (_, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    clientBasedCORS: () => true,
    features: {
      devInteractions: { enabled: true },
      registration: { enabled: options.registration ?? true },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => options.resource,
        getResourceServerInfo: (_, resource) => resourceServer(resource),
        useGrantedResource: () => true,
      },
    },
  };
}

function signedToken({ header, claims }) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'RS256', kid: jwks.keys[0].kid, ...header })}.${part(claims)}`;
  const key = { key: jwks.keys[0], format: 'jwk' };
  return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
}

async function textOf(request) {
  let text = '';
  for await (const piece of request) text += piece;
  return text;
}

// What this provider cannot be told to leave out.
function altered(response) {
  const setHeader = response.setHeader.bind(response);
  response.setHeader = (name, value) => {
    if (!options.nameless || name.toLowerCase() !== 'location') return setHeader(name, value);
    const [before, query] = String(value).split('?');
    const kept = (query ?? '').split('&').filter((one) => !one.startsWith('iss='));
    return setHeader(name, query ? `${before}?${kept.join('&')}` : value);
  };
  const end = response.end.bind(response);
  response.end = (body, ...more) => {
    const text = body?.toString() ?? '';
    if (!text.startsWith('{"') || !text.includes('"token_endpoint"')) return end(body, ...more);
    const metadata = JSON.parse(text);
    if (options.hideRegistration) delete metadata.registration_endpoint;
    if (options.nameless) delete metadata.authorization_response_iss_parameter_supported;
    const shorter = JSON.stringify(metadata);
    response.setHeader('content-length', Buffer.byteLength(shorter));
    return end(shorter, ...more);
  };
  return response;
}

let provider;
const server = createServer(async (request, response) => {
  if (request.url === '/test/sign') {
    response.end(signedToken(JSON.parse(await textOf(request))));
  } else if (request.url === '/test/pem') {
    response.end(createPublicKey({ key: jwks.keys[0], format: 'jwk' })
      .export({ type: 'spki', format: 'pem' }));
  } else {
    if (request.url === '/reg') {
      // This provider would hold a client to the scopes that it registers with,
      // which are those it needs first.
      const { scope, ...metadata } = JSON.parse(await textOf(request));
      request.body = metadata;
    }
    provider.callback()(request, altered(response));
  }
});
server.listen(options.port, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  provider = new Provider(issuer, configuration());
  console.log(JSON.stringify({ issuer, port: server.address().port }));
});
