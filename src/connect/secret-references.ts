import type { ConnectorConfig } from './connector-file.ts';
import { isSecretKey } from './connector-file.ts';

/** A value that Connect would fill in, by any provider; `${routedByValue}` of the outbox router has none and is no reference. */
const REFERENCE = /\$\{([^}:]*):([^}]*)\}/g;
const ALLOWED = /^CDC_\w+$/;
const SECRET_VARIABLE = /PASS|PW|SECRET|TOKEN|CREDENTIAL|KEY|JAAS/i;

/** Where a connector's database is. Every other key needs no reference, and Connect quotes its filled-in value to whoever gets it wrong. */
const CONNECTION_KEY = /^database\.(?:hostname|port|user|dbname|ssl\w*)$/;

export interface WrongReference {
  readonly key: string;
  /** Without the key: `refers to …`. */
  readonly message: string;
}

/** References that the worker would not fill in, and those whose value would come up where values are shown: in answers, logs and traces. */
export function wrongReferences(config: ConnectorConfig): WrongReference[] {
  return Object.entries(config).flatMap(([key, value]) => {
    const found = [...value.matchAll(REFERENCE)].map(([text, provider = '', name = '']) => ({
      ...{ text, provider, name },
    }));
    const foreign = found.find(({ provider, name }) => provider !== 'env' || !ALLOWED.test(name));
    if (foreign !== undefined)
      return [{ key, message: `refers to ${foreign.text}: the worker fills in \${env:CDC_…} alone` }];
    if (isSecretKey(key)) return [];
    const secret = found.find(({ name }) => SECRET_VARIABLE.test(name) || !CONNECTION_KEY.test(key));
    return secret === undefined
      ? []
      : [
          {
            key,
            message: `refers to ${secret.text}, whose value Connect would show: it belongs into another key`,
          },
        ];
  });
}
