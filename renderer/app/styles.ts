// Mantine's style sheets one by one: only what the page uses, in the order that Mantine's cascade needs. Its base line
// is left out, because base.css says the same for the screens that come before Mantine.
import '@mantine/core/styles/default-css-variables.css';
import '@mantine/core/styles/global.css';
import '@mantine/core/styles/UnstyledButton.css';
import '@mantine/core/styles/VisuallyHidden.css';
import '@mantine/core/styles/ActionIcon.css';
import '@mantine/core/styles/Input.css';
import '@mantine/core/styles/Progress.css';
import '@mantine/core/styles/Tabs.css';
import '@mantine/core/styles/Kbd.css';
import './mantine.css';
