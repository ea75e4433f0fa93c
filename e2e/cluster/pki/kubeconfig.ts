// A kubeconfig that holds its certificates itself, so that the one file is enough.
import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import type { Pki } from './ensurePki.js';

const base64 = (file: string) => readFileSync(file).toString('base64');

/** `user` names the client certificate in the PKI; `server` is the API server's URL. */
export function kubeconfigFor(pki: Pki, user: string, server: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'enc', cluster: { server, 'certificate-authority-data': base64(pki.authority('cluster')) } }],
    users: [{ name: user, user: { 'client-certificate-data': base64(pki.certificate(user)), 'client-key-data': base64(pki.key(user)) } }],
    contexts: [{ name: 'enc', context: { cluster: 'enc', user } }],
    'current-context': 'enc',
  });
}
