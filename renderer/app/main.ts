// First, so that the rules of each part come after those of all.
import './base.css';
import { startPage } from './startPage.tsx';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
startPage(root);
