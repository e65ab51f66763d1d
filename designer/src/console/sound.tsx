import { useTranslation } from 'react-i18next';

interface SoundProps {
  readonly src: string;
  /** What is heard, for those who do not see where the player stands. */
  readonly name: string;
  /** It was heard to its end. */
  readonly onHeard?: () => void;
}

/** A player that loads nothing before it is started. */
export function Sound({ src, name, onHeard }: SoundProps) {
  const { t } = useTranslation('admin');
  return (
    // biome-ignore lint/a11y/useMediaCaption: nobody writes down what callers say; where there is a transcript it stands beside it
    <audio
      controls
      preload="none"
      aria-label={t('listenTo', { name })}
      src={src}
      onEnded={onHeard}
      style={{ height: 36, maxWidth: 260 }}
    />
  );
}
