import { LatencyChart, SettledChart } from './parts/charts.tsx';
import { ConfirmDialog } from './parts/confirm-dialog.tsx';
import { Connectors } from './parts/connectors.tsx';
import { Feed } from './parts/feed.tsx';
import { Groups } from './parts/groups.tsx';
import { HeldKeys } from './parts/held-keys.tsx';
import { OrderForm } from './parts/order-form.tsx';
import { Probes } from './parts/probes.tsx';
import { Sales } from './parts/sales.tsx';
import { Slots } from './parts/slots.tsx';
import { Story } from './parts/story.tsx';
import { ThemeSwitch } from './parts/theme-switch.tsx';
import { ToldList } from './parts/told.tsx';
import { WayPicture } from './parts/way-picture.tsx';
import { inClock } from './in-words.ts';
import { link, state } from './live-state.ts';

export function Page() {
  const isLost = link.value === 'lost';
  return (
    <div class="page" data-live={isLost ? 'no' : 'yes'}>
      {isLost ? (
        <p class="offline" role="alert">
          Not connected. The figures are those of{' '}
          {state.value === undefined ? 'nothing yet' : inClock(state.value.at)}; trying again.
        </p>
      ) : null}
      <main class="sheet">
        <div class="head">
          <h1>Outbox pipeline</h1>
          <LinkState />
          <div class="tools">
            <ThemeSwitch />
          </div>
        </div>
        <WayPicture />
        <div class="sections">
          <LatencyChart />
          <SettledChart />
          <OrderForm />
          <Story />
          <Groups />
          <div class="column" data-width="wide">
            <Connectors />
            <Feed />
            <Sales />
          </div>
          <div class="column" data-width="narrow">
            <Probes />
            <Slots />
            <HeldKeys />
          </div>
        </div>
      </main>
      <ConfirmDialog />
      <ToldList />
    </div>
  );
}

/** The server's clock goes on while it is live: the plainest sign that it is. */
function LinkState() {
  const words = { connecting: 'Connecting', live: 'Live', lost: 'Not connected' };
  return (
    <span class="link-state">
      {words[link.value]} {state.value === undefined ? '' : inClock(state.value.at)}
    </span>
  );
}
