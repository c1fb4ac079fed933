import { effect, signal } from '@preact/signals';

type Theme = 'auto' | 'light' | 'dark';
const next: Readonly<Record<Theme, Theme>> = { auto: 'light', light: 'dark', dark: 'auto' };
const names: Readonly<Record<Theme, string>> = { auto: 'As the system', light: 'Light', dark: 'Dark' };

/** Kept in this browser, which may refuse to keep anything; then the system decides. */
function kept(): Theme {
  try {
    const value = localStorage.getItem('theme');
    return value === 'light' || value === 'dark' ? value : 'auto';
  } catch {
    return 'auto';
  }
}

export const theme = signal<Theme>(kept());

effect(() => {
  document.documentElement.dataset['theme'] = theme.value;
  try {
    localStorage.setItem('theme', theme.value);
  } catch {
    // It holds until the page is closed.
  }
});

export function ThemeSwitch() {
  return (
    <button type="button" onClick={() => (theme.value = next[theme.value])}>
      Colours: {names[theme.value]}
    </button>
  );
}
