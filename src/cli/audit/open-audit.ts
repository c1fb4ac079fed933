import type { AuditedOutbox, AuditedPipeline, AuditedService } from '../../operate/audit/audited-pipeline.ts';
import { doubtSlot } from '../../operate/audit/doubt-slot.ts';
import type { OperatedService } from '../../operate/operated-pipeline.ts';
import { PipelineError } from '../../platform/errors.ts';
import { createPool, type Pool } from '../../platform/postgres/pool.ts';
import { openPipeline, type OpenPipeline, type PipelinePlace } from '../../open-pipeline.ts';
import type { CommandContext } from '../run-command.ts';

export interface OpenAudit extends AuditedPipeline {
  close(): Promise<void>;
}

/** Nothing is connected to yet. Without `repair` the role that may publish rows is not even asked for. */
export async function openAudit(
  context: CommandContext,
  options: PipelinePlace & { readonly repair: boolean },
): Promise<OpenAudit> {
  const pipeline = await openPipeline(context, options);
  const pools: Pool[] = [];
  const open = (service: OperatedService, role: 'audit' | 'repair'): Pool => {
    const variable = `${service.name.toUpperCase()}_${role.toUpperCase()}_DATABASE_URL`;
    const connectionString = context.env[variable];
    if (connectionString === undefined || connectionString === '')
      throw new PipelineError('config_invalid', `${variable} is not set.`, {
        remedy: 'Add it to .env, or set it in the shell.',
      });
    const pool = createPool({
      connectionString,
      applicationName: `outbox ${role}`,
      log: context.log,
      max: role === 'audit' ? 4 : 1,
    });
    pools.push(pool);
    return pool;
  };
  const audited = (service: OperatedService): AuditedService => ({
    name: service.name,
    database: service.database,
    db: open(service, 'audit'),
    outbox: auditedOutbox(pipeline, service, () => (options.repair ? open(service, 'repair') : undefined)),
  });
  return {
    services: pipeline.services.map(audited),
    kafka: pipeline.kafka,
    topicPrefix: pipeline.topicPrefix,
    log: context.log,
    close: async () => {
      await Promise.all([...pools.map((pool) => pool.end()), pipeline.close()]);
    },
  };
}

function auditedOutbox(
  pipeline: OpenPipeline,
  service: OperatedService,
  repair: () => Pool | undefined,
): AuditedOutbox | undefined {
  if (service.connector === undefined) return undefined;
  const connector = pipeline.connectors.find((one) => one.service === service);
  if (connector === undefined)
    throw new PipelineError(
      'connector_file_invalid',
      `No connector file reads database ${service.database}: its events go nowhere.`,
      { remedy: `Write connectors/${service.connector}.json (connectors/README.md).` },
    );
  return {
    connector: connector.file.name,
    slot: connector.file.config['slot.name'] ?? '',
    doubt: () => doubtSlot(connector, pipeline.connect),
    repair: repair(),
  };
}
