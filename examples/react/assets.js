// The suite's files are served as they are published: their integrity is checked, so no bundler may change them.
import { cpSync } from 'node:fs';

cpSync('node_modules/itsm-widgets', 'public/itsm-widgets', { recursive: true });
