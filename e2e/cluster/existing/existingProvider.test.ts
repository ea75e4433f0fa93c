import { expect, it } from 'vitest';
import { currentServer } from './existingProvider.js';

const kubeconfig = `
clusters: [{name: a, cluster: {server: 'https://a:1'}}, {name: b, cluster: {server: 'https://b:1'}}]
contexts: [{name: at-b, context: {cluster: b, user: u}}]
current-context: `;

it.each([
  ['the current context', `${kubeconfig}at-b`, 'https://b:1'],
  ['a context that is not there', `${kubeconfig}gone`, undefined],
  ['an empty file', '', undefined],
])('%s', (_, text, server) => expect(currentServer(text)).toBe(server));
