//! The switch between the terminal and its network: the dock cuts it, and what is under way ends at once. On a
//! terminal in a hall nobody touches it.

use tokio::sync::watch;

/// One switch; clones share it.
#[derive(Clone, Debug)]
pub struct Network {
    up: watch::Sender<bool>,
}

impl Network {
    /// Joined.
    #[must_use]
    pub fn new() -> Self {
        Self { up: watch::Sender::new(true) }
    }

    /// Cuts or joins it.
    pub fn set_up(&self, up: bool) {
        self.up.send_replace(up);
    }

    /// Whether it is joined.
    #[must_use]
    pub fn is_up(&self) -> bool {
        *self.up.borrow()
    }

    /// Ends when it is cut; at once if it is.
    pub async fn until_cut(&self) {
        // The sender is ours, so that the wait cannot end any other way.
        let _ = self.up.subscribe().wait_for(|up| !up).await;
    }
}

impl Default for Network {
    fn default() -> Self {
        Self::new()
    }
}
