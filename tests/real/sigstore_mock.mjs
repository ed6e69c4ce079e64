// Signs what the tests want signed, as Fulcio and Rekor would, with a trust root of its own (npm's @sigstore/mock).
//
// argv: the folder whose node_modules holds @sigstore/mock.
// stdin: [{"payload": base64, "type": payload type of a DSSE envelope, or "" for a bare signature,
//          "identity": SAN, "claims": of the OIDC token, "age": seconds the certificate is older than the log entry,
//          "unlisted": true for a certificate that no certificate log knows,
//          "record": "intoto" to have the log record an envelope as cosign before 2.2 had it, else as "dsse"}]
// stdout: {"trustedRoot": JSON, "signed": [{"certificate": PEM, "chain": PEM, "signature": base64, "entry": Rekor's,
//          "envelope": JSON text of the DSSE envelope, or ""}]}
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(`${process.argv[2]}/package.json`);
const mock = require('@sigstore/mock');

const pem = (der) => {
  const lines = Buffer.from(der).toString('base64').match(/.{1,64}/g);
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
};
const der = (text) => Buffer.from(text.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64');
const sha256 = (data) => createHash('sha256').update(data).digest('hex');
const base64 = (data) => Buffer.from(data).toString('base64');
const jwt = (claims) => `${base64('{"alg":"none"}')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`;
const key = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

const caKey = key(), ctKey = key(), logKey = key();
const log = await mock.initializeTLog('https://rekor.sigstore.dev', logKey);
const ca = await mock.initializeCA(caKey, await mock.initializeCTLog(ctKey));

async function issue(order, publicKey) {
  const { fn } = mock.fulcioHandler(await authority(order));
  const token = jwt({ sub: order.identity, ...order.claims });
  const request = {
    credentials: { oidcIdentityToken: token },
    publicKeyRequest: { publicKey: { content: publicKey.export({ format: 'pem', type: 'spki' }) } },
  };
  const answer = await fn(JSON.stringify(request));
  if (answer.statusCode !== 201) throw new Error(answer.response);
  return JSON.parse(answer.response).signedCertificateEmbeddedSct.chain.certificates.map((one) => pem(der(one)));
}

// The same authority, with its clock put back, or without certificate log.
async function authority(order) {
  if (!order.age && !order.unlisted) return ca;
  const clock = new Date(Date.now() - 1000 * order.age);
  const ctLog = order.unlisted ? undefined : await mock.initializeCTLog(ctKey, clock);
  const other = await mock.initializeCA(caKey, ctLog, clock);
  other.root = ca.root;
  return other;
}

const pae = (type, payload) =>
  Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `), payload]);

async function signed(order) {
  const payload = Buffer.from(order.payload, 'base64');
  const { publicKey, privateKey } = key();
  const [certificate, ...chain] = await issue(order, publicKey);
  const signature = base64(sign('sha256', order.type ? pae(order.type, payload) : payload, privateKey));
  const sealed = { payloadType: order.type, payload: base64(payload), signatures: [{ keyid: '', sig: signature }] };
  const envelope = order.type ? JSON.stringify(sealed) : '';
  const record = !order.type ? plain : order.record === 'intoto' ? intoto : dsse;
  const entry = await log.log(record(payload, certificate, signature, envelope));
  return { certificate, chain: chain.join(''), signature, envelope, entry };
}

const hash = (value) => ({ algorithm: 'sha256', value });
const plain = (payload, certificate, content) => ({
  apiVersion: '0.0.1',
  kind: 'hashedrekord',
  spec: {
    data: { hash: hash(sha256(payload)) },
    signature: { content, publicKey: { content: base64(certificate) } },
  },
});
const intoto = (payload, certificate, _signature, envelope) => ({
  apiVersion: '0.0.1',
  kind: 'intoto',
  spec: {
    content: { hash: hash(sha256(envelope)), payloadHash: hash(sha256(payload)) },
    publicKey: base64(certificate),
  },
});
const dsse = (payload, certificate, signature) => ({
  apiVersion: '0.0.1',
  kind: 'dsse',
  spec: {
    envelopeHash: hash(sha256('an envelope is not canonical; nobody can check this')),
    payloadHash: hash(sha256(payload)),
    signatures: [{ signature, verifier: base64(certificate) }],
  },
});

const spki = (pair) => pair.publicKey.export({ format: 'der', type: 'spki' });
const logInstance = (baseUrl, pair) => ({
  baseUrl,
  hashAlgorithm: 'SHA2_256',
  publicKey: {
    rawBytes: base64(spki(pair)),
    keyDetails: 'PKIX_ECDSA_P256_SHA_256',
    validFor: { start: '2020-01-01T00:00:00Z' },
  },
  logId: { keyId: createHash('sha256').update(spki(pair)).digest('base64') },
});

const orders = JSON.parse(readFileSync(0));
const result = [];
for (const order of orders) result.push(await signed(order));
process.stdout.write(JSON.stringify({
  trustedRoot: {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [logInstance('https://rekor.sigstore.dev', logKey)],
    certificateAuthorities: [{
      subject: { organization: 'sigstore.mock', commonName: 'sigstore' },
      uri: 'https://fulcio.sigstore.dev',
      certChain: { certificates: [{ rawBytes: base64(ca.rootCertificate) }] },
      validFor: { start: '2020-01-01T00:00:00Z' },
    }],
    ctlogs: [logInstance('https://ctfe.sigstore.dev', ctKey)],
    timestampAuthorities: [],
  },
  signed: result,
}));
