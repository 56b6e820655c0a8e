import { Component, type ReactNode } from 'react';
import { ErrorState } from '../parts/ErrorState.tsx';

interface Props {
  readonly children: ReactNode;
}

/** Catches a fault of the page itself. The error's text may hold patient data, so it is neither shown nor logged. */
export class ErrorBoundary extends Component<Props, { readonly broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    if (!this.state.broken) return this.props.children;
    return (
      <main>
        <ErrorState code="internal" heading="h1" onRetry={() => this.setState({ broken: false })} />
      </main>
    );
  }
}
