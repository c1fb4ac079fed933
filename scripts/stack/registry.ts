import { join } from 'node:path';
import { jarFolder } from './jars.ts';
import type { Launch } from './detached-process.ts';
import { processResource } from './process-resource.ts';
import { createRegistryDatabase } from './registry-database.ts';
import type { Resource } from './resource.ts';
import { jvmOptions, registrySettings, versions } from './settings.ts';
import { answers, jvmLaunch, jvmMarker, partProcess, portOf, type StackContext } from './stack-context.ts';

/** Apicurio Registry with its state in Postgres, so that schema ids survive it. */
export function registry(context: StackContext): Resource {
  const port = portOf(context, 'registry', 'REGISTRY_PORT');
  return processResource({
    name: 'registry',
    needs: ['postgres'],
    process: partProcess(context, 'registry', jvmMarker(context, 'registry')),
    ports: [{ variable: 'REGISTRY_PORT', port }],
    probe: () => answers(`http://127.0.0.1:${port}/apis/ccompat/v7/subjects`),
    prepare: async () => {
      await createRegistryDatabase(context.env);
      return launch(context, port);
    },
    startWithinMs: 60_000,
    stop: { signal: 'SIGTERM', withinMs: 15_000 },
  });
}

function launch(context: StackContext, port: number): Launch {
  const jars = jarFolder(context.jars, 'registry');
  // Another one than the server's where its address may lead to another server one day.
  const databasePort = context.env['REGISTRY_DB_PORT'] ?? context.env['POSTGRES_PORT'] ?? '';
  return jvmLaunch(context, 'registry', {
    jvm: jvmOptions.registry,
    classPath: `${join(jars, `apicurio-registry-app-${versions.apicurio}-runner.jar`)}:${join(jars, 'lib', '*')}`,
    main: ['io.quarkus.runner.GeneratedMain'],
    env: {
      ...registrySettings,
      APICURIO_DATASOURCE_URL: `jdbc:postgresql://127.0.0.1:${databasePort}/registry`,
      // By the environment and not by an option: a command line is for all eyes.
      APICURIO_DATASOURCE_PASSWORD: context.env['REGISTRY_DB_PASSWORD'] ?? '',
      QUARKUS_HTTP_HOST: '127.0.0.1',
      QUARKUS_HTTP_PORT: String(port),
      ...context.extras.registry,
    },
  });
}
