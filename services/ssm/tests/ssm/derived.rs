use alcazar_corridor::ServiceEntry;

#[tokio::test]
async fn every_operation_is_denied_unsigned_and_without_a_policy_and_refuses_what_the_model_does() {
    // The examples ask KMS and Secrets Manager for nothing.
    let services: &[ServiceEntry] = &[alcazar_ssm::SERVICE];
    insta::assert_snapshot!(alcazar_testkit::derived(services).await, @"
    ssm:AddTagsToResource: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 4, root 200
    ssm:DeleteParameter: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 3, root 200
    ssm:DeleteParameters: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 1, root 200
    ssm:DeleteResourcePolicy: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 6, root 200
    ssm:DescribeParameters: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 2, root 200
    ssm:GetParameter: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 3, root 200
    ssm:GetParameterHistory: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 5, root 200
    ssm:GetParameters: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 1, root 200
    ssm:GetParametersByPath: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 5, root 200
    ssm:GetResourcePolicies: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 5, root 200
    ssm:GetServiceSetting: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 3, root 200
    ssm:LabelParameterVersion: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 4, root 200
    ssm:ListTagsForResource: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 3, root 200
    ssm:PutParameter: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 13, root 200
    ssm:PutResourcePolicy: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 4, root 200
    ssm:RemoveTagsFromResource: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 4, root 200
    ssm:ResetServiceSetting: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 3, root 200
    ssm:UnlabelParameterVersion: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 5, root 200
    ssm:UpdateServiceSetting: unsigned 403 MissingAuthenticationTokenException, nobody 400 AccessDeniedException, malformed 6, root 200
    ");
}
