import '@fontsource-variable/archivo/wdth.css';
import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import { Page } from './page.tsx';
import { followServer } from './live-state.ts';
import './style/theme.css';
import './style/layout.css';
import './style/picture.css';
import './style/parts.css';

const place = document.getElementById('page');
if (place !== null) render(<Page />, place);
followServer();
