import { describeError, PipelineError } from '../../platform/errors.ts';
import type { OperatedConnector, OperatedPipeline } from '../operated-pipeline.ts';
import type { ProbeResult } from '../probe/probe-result.ts';
import { sendProbe } from '../probe/send-probe.ts';

/**
 * RUNNING is not healthy: waits until an event came through the connector.
 * @returns why that could not be seen from here, if so
 * @throws PipelineError `connector_unhealthy` when it did not come in time; `schemas_not_applied`
 */
export async function proveFlow(
  pipeline: OperatedPipeline,
  connector: OperatedConnector,
  outcome: { probe: ProbeResult | undefined },
  timeoutMs: number,
): Promise<string[]> {
  const { file, service } = connector;
  if (service === undefined)
    return [`no probe is possible: no service of src/pipeline.ts has the database of ${file.name}`];
  try {
    outcome.probe = await sendProbe(pipeline, connector, { timeoutMs });
  } catch (error) {
    if (!isOutOfReach(error)) throw error;
    return [`no probe was possible from here: ${describeError(error)}`];
  }
  if (!outcome.probe.arrived)
    throw new PipelineError(
      'connector_unhealthy',
      `${file.name} is RUNNING, but a probe did not come through within ${timeoutMs / 1000} s: it is stuck before ${outcome.probe.slowHop}.`,
      { remedy: outcome.probe.reason ?? `Look on with npx outbox connectors watch ${file.name}.` },
    );
  return [];
}

const isOutOfReach = (error: unknown): boolean =>
  error instanceof PipelineError &&
  (error.code === 'kafka_unreachable' || error.code === 'database_unreachable');
