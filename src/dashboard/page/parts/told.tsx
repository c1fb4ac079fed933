import { signal } from '@preact/signals';

interface Told {
  readonly id: number;
  readonly text: string;
  readonly isOk: boolean;
}

const told = signal<readonly Told[]>([]);
let last = 0;
const goodNewsMs = 8_000;

/** Says what an action did. Good news goes by itself; a refusal stays until it is read. */
export function tell(text: string, isOk: boolean): void {
  const id = ++last;
  told.value = [...told.value.slice(-3), { id, text, isOk }];
  if (isOk) setTimeout(() => forget(id), goodNewsMs);
}

const forget = (id: number): void => void (told.value = told.value.filter((one) => one.id !== id));

export function ToldList() {
  return (
    <div role="status">
      <ol class="told">
        {told.value.map(({ id, text, isOk }) => (
          <li key={id} data-ok={isOk ? 'yes' : 'no'}>
            <p>{text}</p>
            <button type="button" onClick={() => forget(id)}>
              Close
            </button>
          </li>
        ))}
      </ol>
    </div>
  );
}
