// The pages of notifications, for the walk over all of them.

/** Path, and words that must stand in `main`. */
export const pages = () => [
  { name: 'notifications', path: () => '/notifications', says: /Notifications[^]*All[^]*Unread/ },
  { name: 'notification-settings', route: '/notifications', path: () => '/notifications?tab=settings', says: /On this device[^]*In Eventify[^]*Email[^]*Push[^]*Quiet hours/ },
];
