//! The words around a survey that is offered.

crate::texts! {
    /// One text of an invitation.
    Text {
        Name = "name", "A short survey";
        Opened = "opened", "A short survey can be answered now.";
        NotNow = "not_now", "Not now";
        Never = "never", "Do not ask me again";
        Close = "close", "Close";
        PutOff = "put_off", "The survey is put off.";
        Refused = "refused", "You will not be asked again.";
    }
}
