import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

/** What a person is asked before anything is changed. */
export interface Question {
  readonly title: string;
  /** What will happen, and what it means for the events. */
  readonly meaning: string;
  /** The words on the button that does it. */
  readonly verb: string;
  /** A sentence has to be written first, for the record. */
  readonly reason?: { readonly label: string };
  readonly act: (reason: string) => Promise<void>;
}

const asked = signal<Question | undefined>(undefined);

/** One question at a time; Escape and "Leave it" change nothing. */
export function ask(question: Question): void {
  asked.value = question;
}

export function ConfirmDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const question = asked.value;
  useEffect(() => {
    if (question === undefined) dialog.current?.close();
    else dialog.current?.showModal();
  }, [question]);
  const leave = (): void => void (asked.value = undefined);
  const act = (event: Event): void => {
    event.preventDefault();
    const reason = new FormData(event.currentTarget as HTMLFormElement).get('reason');
    leave();
    void question?.act(typeof reason === 'string' ? reason : '');
  };
  return (
    <dialog ref={dialog} onClose={leave} aria-labelledby="question">
      {question === undefined ? null : (
        <form onSubmit={act}>
          <h2 id="question">{question.title}</h2>
          <p>{question.meaning}</p>
          {question.reason === undefined ? null : (
            <p>
              <label>
                {question.reason.label}
                <input name="reason" required maxLength={200} autocomplete="off" />
              </label>
            </p>
          )}
          <div class="actions">
            <button type="button" onClick={leave}>
              Leave it
            </button>
            <button type="submit" class="main">
              {question.verb}
            </button>
          </div>
        </form>
      )}
    </dialog>
  );
}
