//! The report's own words; beside them it uses those that all widgets share.

crate::texts! {
    /// One text of the report.
    Text {
        Loading = "loading", "Counting …";
        Unavailable = "unavailable", "The figures cannot be shown now: the service desk does not answer, or you may not see them.";
        AsOf = "as_of", "As of {when}.";
        Stale = "stale", "The service desk does not answer now.";
        AnswersOne = "answers.one", "1 answer";
        AnswersOther = "answers.other", "{n} answers";
        Nobody = "nobody", "Nobody has answered yet.";
        Response = "response", "{value} of {asked} who were asked have answered ({low} to {high}).";
        Few = "few", "Fewer than {least} answers: figures would say more of persons than of the service. They are shown once there are enough.";
        Range = "range", "With 95 % certainty between {low} and {high}.";
        Mean = "mean", "On average {mean}.";
        Csat = "definition.csat", "CSAT: the share of 4 and 5 on a scale of 1 to 5. Range: Wilson's interval.";
        Nps = "definition.nps", "NPS: the share of 9 and 10 less the share of 0 to 6, in points from −100 to 100. Range: bootstrap.";
        Ces = "definition.ces", "CES: the share of 5 to 7 on a scale of 1 to 7. Range: Wilson's interval.";
        Thumbs = "definition.thumbs", "The share of thumbs up. Range: Wilson's interval.";
        Answer = "answer", "Answer";
        Count = "count", "Number";
        Share = "share", "Share";
        Score = "score", "Score";
        RangeHead = "range_head", "Range (95 %)";
        Trend = "trend", "Over time";
        Week = "week", "Week from";
        Month = "month", "Month from";
        Services = "services", "By service";
        Service = "service", "Service";
        Channels = "channels", "By channel";
        Channel = "channel", "Channel";
        TooFew = "too_few", "too few";
        Comments = "comments", "What people wrote";
        Since = "since", "From {when} on";
        Export = "export", "Save as a table (CSV)";
        Again = "again", "Count again";
    }
}
