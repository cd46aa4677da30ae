//! The outbox's own words; beside them it uses those that all widgets share.

crate::texts! {
    /// One text of the outbox.
    Text {
        Title = "title", "Not yet sent";
        Nothing = "nothing", "Everything has been sent.";
        CountOne = "count.one", "1 request is on this device only.";
        CountOther = "count.other", "{n} requests are on this device only.";
        From = "from", "From {when}";
        TakingBack = "taking_back", "Discarded. The service desk is being told.";
        Reason = "reason", "The service desk says: {reason}";
        SendNow = "send_now", "Send now";
        Copy = "copy", "Copy its text";
        Copied = "copied", "Copied.";
        CopyByHand = "copy_by_hand", "Its text, to be copied by hand";
        Save = "save", "Save as a file";
        Elsewhere = "elsewhere", "Its form is on another page; there it can be edited.";
        Used = "used", "This site has stored {used} on this device; it may store {all}.";
    }
}
